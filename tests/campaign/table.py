"""All rows of the campaign, under the headings of its page."""

from tests.campaign.rows_answer import ANSWER_ROWS
from tests.campaign.rows_body import BODY_ROWS
from tests.campaign.rows_framing import FRAMING_ROWS
from tests.campaign.rows_network import NETWORK_ROWS
from tests.campaign.rows_proxy import PROXY_ROWS
from tests.campaign.rows_redirect import REDIRECT_ROWS
from tests.campaign.rows_steps import STEPS_ROWS
from tests.campaign.rows_tls import TLS_ROWS

TABLE = {
    "On the way to the server": NETWORK_ROWS,
    "TLS and certificates": TLS_ROWS,
    "The answer": ANSWER_ROWS + FRAMING_ROWS,
    "Redirects": REDIRECT_ROWS,
    "The body": BODY_ROWS,
    "By a proxy": PROXY_ROWS,
    "Steps and tokens": STEPS_ROWS,
}

ROWS = tuple(row for rows in TABLE.values() for row in rows)
