#!/usr/bin/env python3
"""A real RabbitMQ broker on loopback for the tests, with its AMQP 1.0 and STOMP plugins.

The package's server is run directly, without its wrapper and services: all of its data, its cookie
and the port mapper that it needs (epmd) are the folder's own.

usage: rabbitmq_broker.py start FOLDER   leaves it running; FOLDER/address has `PORT STOMP-PORT`
       rabbitmq_broker.py stop FOLDER
"""
import base64
import hashlib
import json
import os
import pathlib
import subprocess
import sys

from queue_broker import USERS, QueueBroker, free_ports, start_and_leave, stop_left_running

BIN = pathlib.Path("/usr/lib/rabbitmq/bin")


def password_hash(password):
    salt = b"salt"
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def definitions(durable, full):
    """Durable queues, of which those named notes… have `dead` as their dead-letter queue, and those of
    `full` reject what is published to them beyond so many messages."""
    queue = {"vhost": "/", "durable": True, "auto_delete": False, "arguments": {}}
    return {
        "vhosts": [{"name": "/"}],
        "users": [{"name": name, "password_hash": password_hash(password),
                   "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}
                  for name, password in USERS.items()],
        "permissions": [{"user": name, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
                        for name in USERS],
        "queues": [{**queue, "name": name, "arguments": (
            {"x-max-length": full[name], "x-overflow": "reject-publish"} if name in full else {})}
                   for name in durable],
        "policies": [{"vhost": "/", "name": "letters", "pattern": "^notes", "apply-to": "queues",
                      "priority": 0, "definition": {"dead-letter-exchange": "",
                                                    "dead-letter-routing-key": "dead"}}]}


class RabbitMqBroker(QueueBroker):
    # 3.10 keeps ids of AMQP 0-9-1: text.
    keeps_message_ids = False
    nack_moves = True
    refusal = "Bad CONNECT"

    @staticmethod
    def address(name):
        return f"/amq/queue/{name}"

    destination = address

    def __init__(self, folder, tls=None, durable=(), full=None):
        """`full`: queues and how many messages they take."""
        self.full = full or {}
        super().__init__(folder, tls, durable)

    def configure(self):
        (self.port, self.stomp_port, self.tls_port, self.stomp_tls_port, self.dist_port,
         self.epmd_port) = free_ports(6)
        (self.folder / "definitions.json").write_text(json.dumps(definitions(self.durable, self.full)))
        (self.folder / "plugins").write_text(
            "[rabbitmq_amqp1_0,rabbitmq_stomp,rabbitmq_auth_mechanism_ssl].\n")
        lines = [f"listeners.tcp.1 = 127.0.0.1:{self.port}",
                 f"stomp.listeners.tcp.1 = 127.0.0.1:{self.stomp_port}",
                 "log.console = true", "log.console.level = warning", "log.file = false",
                 "disk_free_limit.absolute = 1MB", "loopback_users.guest = true",
                 f"load_definitions = {self.folder}/definitions.json",
                 "stomp.default_user = guest", "stomp.default_pass = guest",
                 "auth_mechanisms.1 = PLAIN", "auth_mechanisms.2 = ANONYMOUS",
                 "auth_mechanisms.3 = EXTERNAL"]
        if self.tls:
            lines += [f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}",
                      f"stomp.listeners.ssl.1 = 127.0.0.1:{self.stomp_tls_port}",
                      f"ssl_options.cacertfile = {self.tls['ca']}",
                      f"ssl_options.certfile = {self.tls['certificate']}",
                      f"ssl_options.keyfile = {self.tls['key']}",
                      "ssl_options.verify = verify_peer",
                      "ssl_options.fail_if_no_peer_cert = false",
                      "ssl_cert_login_from = common_name"]
        (self.folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        self.environment = {
            **os.environ, "HOME": str(self.folder), "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"test{self.dist_port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none.conf"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "generated"),
            "RABBITMQ_FEATURE_FLAGS_FILE": str(self.folder / "feature_flags"),
            "RABBITMQ_PID_FILE": str(self.folder / "server.pid"),
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        # ANONYMOUS logs in as this user.
        (self.folder / "advanced.config").write_text(
            '[{rabbitmq_amqp1_0, [{default_user, "guest"}]},\n'
            ' {rabbit, [{anonymous_login_user, <<"guest">>}]}].\n')

    def spawn(self):
        output = (self.folder / "broker.log").open("a")
        if not self.processes:
            # Its own, so that none is left running that others may use.
            epmd = next(pathlib.Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))
            self.processes.append(subprocess.Popen(
                [epmd, "-port", str(self.epmd_port), "-address", "127.0.0.1"], stdout=output,
                stderr=output, start_new_session=True))
        self.processes.append(subprocess.Popen(
            [BIN / "rabbitmq-server"], env=self.environment, stdout=output, stderr=output,
            stdin=subprocess.DEVNULL, cwd=self.folder, start_new_session=True))

    def control(self, *words):
        return subprocess.run([BIN / "rabbitmqctl", "-q", *words], env=self.environment,
                              capture_output=True, text=True, timeout=60, check=True).stdout

    def evaluate(self, expression):
        """The result of an Erlang expression in the broker."""
        return self.control("eval", expression).strip()

    def purge(self, queue):
        self.control("purge_queue", queue)

    def depth(self, queue):
        listed = self.control("list_queues", "name", "messages", "--no-table-headers")
        return int(dict(line.split() for line in listed.splitlines())[queue])


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in ("start", "stop"):
        folder = pathlib.Path(sys.argv[2]).resolve()
        start_and_leave(RabbitMqBroker, folder) if sys.argv[1] == "start" else stop_left_running(folder)
    else:
        sys.exit(__doc__)
