"""aiosmtpd with TLS and a login; prints its port, then one JSON line per mail. argv: mode (none|starttls|tls), certificate, key."""
import json, ssl, sys, time
from aiosmtpd.controller import Controller
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
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
                          "login": bool(session.authenticated), "text": envelope.content.decode("ascii")}), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"bob", "pässword".encode()))


mode, cert, key = sys.argv[1:4]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(cert, key)


class Server(Controller):
    def factory(self):
        return SMTP(self.handler, hostname="localhost", tls_context=context if mode == "starttls" else None, require_starttls=mode == "starttls",
                    authenticator=authenticate, auth_required=mode != "none", auth_require_tls=mode == "starttls",
                    auth_exclude_mechanism=["PLAIN"] if mode == "tls" else [])


server = Server(Handler(), hostname="localhost", port=0, ssl_context=context if mode == "tls" else None)
# port 0: the controller's own start test connects to it, so the listening socket is asked instead
server._trigger_server = lambda: None
server.start()
print(server.server.sockets[0].getsockname()[1], flush=True)
sys.stdin.read()
