"""What people see of their own access: the tokens of their programs, and the ticket of the event stream."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from trienkhai.access.forms import TokenForm
from trienkhai.access.operations import issue_token, revoke_token
from trienkhai.access.rules import permission_words
from trienkhai.access.tickets import set_ticket
from trienkhai.accounts.models import ApiToken
from trienkhai.core.errors import DomainError
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.requests import ScopedRequest


@require_safe
@never_cache
def live_ticket(request: ScopedRequest) -> HttpResponse:
    """Renew the ticket with which the page watches changes; the answer is empty."""
    response = HttpResponse(status=204)
    set_ticket(response, units=request.scope.units(READ))
    return response


@never_cache
def token_list(request: ScopedRequest) -> HttpResponse:
    """Show the reader's tokens; a POST makes one, whose characters are on the answer this once."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    token = ""
    if request.method == "POST" and form.is_valid():
        try:
            _issued, token = issue_token(request.user, scope=request.scope, **form.cleaned_data)
            form = TokenForm()
        except DomainError as error:
            form.add_error(None, str(error))
    words = dict(permission_words())
    tokens = [
        {"token": row, "permissions": [words.get(name, name) for name in row.permissions]}
        for row in ApiToken.objects.filter(user=request.user)
    ]
    context = {"form": form, "token": token, "tokens": tokens, "today": request.scope.on}
    return render(request, "access/token_list.html", context, status=422 if form.errors else 200)


@require_POST
def token_revoke(request: ScopedRequest, token_id: int) -> HttpResponse:
    """Make one of the reader's tokens useless at once."""
    token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
    try:
        revoke_token(token, scope=request.scope)
        messages.success(request, _("The token %(hint)s… no longer works.") % {"hint": token.hint})
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("token_list")
