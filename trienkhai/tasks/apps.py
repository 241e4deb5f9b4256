from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "trienkhai.tasks"

    def ready(self) -> None:
        """Say what the keys to a unit do when it is succeeded."""
        from trienkhai.organisation.succession import register_key

        register_key("tasks.Programme", "issuer", "follows")
        register_key("tasks.Task", "monitor", "follows")
        register_key("tasks.AddresseeTerm", "under", "follows")
        register_key("tasks.AddresseeTerm", "unit", "follows")
        register_key("tasks.Assignment", "unit", "follows")
        register_key("tasks.Assignment", "inherited_from", "stays")
        register_key("tasks.AssignmentPast", "unit", "stays")
        register_key("tasks.AssignmentPast", "inherited_from", "stays")
