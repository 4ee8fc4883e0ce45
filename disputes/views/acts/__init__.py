"""What the page of each act of a party says and asks. One builder an act; the acts are ``arbitration.operations``'s.

The builder of an act stands in the file named like its verb's.
"""

from disputes.views.acts.exhibits import lodge, withdraw_item
from disputes.views.acts.extension import extend
from disputes.views.acts.information import answer
from disputes.views.acts.page import Build
from disputes.views.acts.rebuttal import rebut, skip
from disputes.views.acts.remedies import confirm_return, perform, ship_back
from disputes.views.acts.response import concede, respond, state_late
from disputes.views.acts.reviews import answer_review, request_review
from disputes.views.acts.rulings import acknowledge
from disputes.views.acts.setaside import request_set_aside
from disputes.views.acts.settlement import accept_offer, decline_offer, offer, perform_settlement, withdraw_offer
from disputes.views.acts.suspension import decline_suspension, propose_suspension, prove_suspension, resume, suspend
from disputes.views.acts.withdrawal import withdraw

PAGES: dict[str, Build] = {
    "respond": respond,
    "rebut": rebut,
    "skip": skip,
    "state_late": state_late,
    "answer": answer,
    "concede": concede,
    "lodge": lodge,
    "withdraw_item": withdraw_item,
    "extend": extend,
    "offer": offer,
    "accept_offer": accept_offer,
    "decline_offer": decline_offer,
    "withdraw_offer": withdraw_offer,
    "perform_settlement": perform_settlement,
    "withdraw": withdraw,
    "propose_suspension": propose_suspension,
    "suspend": suspend,
    "decline_suspension": decline_suspension,
    "resume": resume,
    "prove_suspension": prove_suspension,
    "perform": perform,
    "ship_back": ship_back,
    "confirm_return": confirm_return,
    "acknowledge": acknowledge,
    "request_review": request_review,
    "answer_review": answer_review,
    "request_set_aside": request_set_aside,
}
"""Every act a party can perform on a filed case has a page."""
