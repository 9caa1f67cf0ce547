#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An SMTP server on loopback that wants STARTTLS and a password, and keeps what it accepts.

usage: smtp-server.py DIRECTORY CERTIFICATE KEY USER PASSWORD

Writes its port to DIRECTORY/port, and each mail to DIRECTORY/NUMBER.eml with the envelope in
DIRECTORY/NUMBER.envelope (sender, then recipients). Recipients at refused.example are refused.
"""
import asyncio
import logging
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

logging.disable(logging.WARNING)
directory, certificate, key, user, password = sys.argv[1:6]


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (user.encode(), password.encode())
    return AuthResult(success=good)


class Keeper:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example"):
            return "550 not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        Keeper.count += 1
        base = os.path.join(directory, str(Keeper.count))
        with open(base + ".envelope", "w") as file:
            file.write("\n".join([envelope.mail_from, *envelope.rcpt_tos]) + "\n")
        with open(base + ".tmp", "wb") as file:
            file.write(envelope.content.replace(b"\r\n", b"\n"))
        os.rename(base + ".tmp", base + ".eml")
        return "250 kept"


async def serve():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Keeper(), tls_context=context, require_starttls=True, auth_required=True,
                     auth_require_tls=True, authenticator=authenticate),
        "127.0.0.1", 0)
    with open(os.path.join(directory, "port.tmp"), "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(os.path.join(directory, "port.tmp"), os.path.join(directory, "port"))
    await server.serve_forever()


asyncio.run(serve())
