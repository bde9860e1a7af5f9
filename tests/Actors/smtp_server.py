"""aiosmtpd with TLS and a login; prints its port, then one JSON line per mail. argv: mode (none|starttls|tls), certificate, key, and ascii for no SMTPUTF8."""
import asyncio, json, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("busy"):
            return "450 mailbox busy"
        if address.startswith("unknown"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None or mode == "tls",
                          "login": bool(session.authenticated), "text": envelope.content.decode("utf-8")}), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"bob", "pässword".encode()), handled=False)


mode, cert, key = sys.argv[1:4]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(cert, key)


def smtp():
    return SMTP(Handler(), hostname="localhost", tls_context=context if mode == "starttls" else None, require_starttls=mode == "starttls",
                authenticator=authenticate, auth_required=mode != "none", auth_require_tls=mode == "starttls",
                auth_exclude_mechanism=["PLAIN"] if mode == "tls" else [], loop=loop, enable_SMTPUTF8=sys.argv[4:] != ["ascii"])


loop = asyncio.new_event_loop()
server = loop.run_until_complete(loop.create_server(smtp, "127.0.0.1", 0, ssl=context if mode == "tls" else None))
print(server.sockets[0].getsockname()[1], flush=True)
loop.run_forever()
