from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "trienkhai.progress"

    def ready(self) -> None:
        """Fill in the registry of what goes with a change of structure."""
        from trienkhai.organisation.succession import register_companion, register_key
        from trienkhai.progress.succession import keep_ledger_in_step

        register_companion(keep_ledger_in_step)
        for model in ("LedgerDelta", "Ledger", "LedgerNow", "LiveEvent"):
            register_key(f"progress.{model}", "unit", "stays")
