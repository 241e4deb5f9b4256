from django.conf import settings

from tests.tree import app_of, layers, our_models
from trienkhai.organisation import succession
from trienkhai.organisation.models import Unit


def keys():
    """Return every key of this project's tables: the field and the model that it points to."""
    fields = [field for model in our_models() for field in (*model._meta.local_fields, *model._meta.local_many_to_many)]
    return [(field, field.related_model) for field in fields if field.is_relation]


def may_point(app, *, to):
    """Say whether tables of an app may hold keys to tables of another one."""
    return app == to or layers()[app] > layers()[to]


def test_every_app_has_its_place_in_the_tree():
    assert {app_of(model) for model in our_models()} <= layers().keys()


def test_every_key_points_down_the_tree():
    upward = [
        f"{key} → {target._meta.label}"
        for key, target in keys()
        if app_of(target)
        and target._meta.label != settings.AUTH_USER_MODEL
        and not may_point(app_of(key.model), to=app_of(target))
    ]

    assert upward == []


def test_neither_up_nor_to_a_sibling_is_down():
    assert not may_point("organisation", to="tasks")
    assert not may_point("elections", to="procedures")


def test_every_key_to_a_unit_says_what_it_does_when_the_unit_is_succeeded():
    of_others = {
        (key.model._meta.label, key.name)
        for key, target in keys()
        if target is Unit and app_of(key.model) != "organisation"
    }

    assert succession.keys.keys() == of_others
