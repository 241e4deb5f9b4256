from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "trienkhai.access"

    def ready(self) -> None:
        """Say what the key to a unit does when it is succeeded: a grant ends with its unit."""
        from trienkhai.organisation.succession import register_key

        register_key("access.Grant", "unit", "stays")
