#!/usr/bin/env python3
"""A real ActiveMQ Artemis broker on loopback for the tests, with AMQP 1.0 and STOMP.

Its jars are those of tests/peers/artemis (jar_peer.py); it is started by the main class that Artemis has
for containers, on a folder with its configuration.

usage: artemis_broker.py fetch
       artemis_broker.py start FOLDER   leaves it running, with queues for whoever asks; FOLDER/address has
                                        `PORT STOMP-PORT`
       artemis_broker.py stop FOLDER
"""
import json
import pathlib
import subprocess
import sys

import jar_peer
from queue_broker import USERS, QueueBroker, free_ports, start_and_leave, stop_left_running

LOGINS = "org.apache.activemq.artemis.spi.core.security.jaas"
# A certificate, a user with a password, or nobody: who gives a wrong password is not let in as guest.
JAAS = f"""\
broker {{
  {LOGINS}.TextFileCertificateLoginModule sufficient
    org.apache.activemq.jaas.textfiledn.user="names.properties"
    org.apache.activemq.jaas.textfiledn.role="roles.properties";
  {LOGINS}.PropertiesLoginModule sufficient
    org.apache.activemq.jaas.properties.user="users.properties"
    org.apache.activemq.jaas.properties.role="roles.properties";
  {LOGINS}.GuestLoginModule sufficient
    credentialsInvalidate=true
    org.apache.activemq.jaas.guest.user="guest"
    org.apache.activemq.jaas.guest.role="all";
}};
"""
PERMISSIONS = ("manage", "send", "consume", "browse", "createAddress", "createNonDurableQueue",
               "deleteNonDurableQueue", "createDurableQueue", "deleteDurableQueue")


def acceptor(name, port, more):
    return (f'<acceptor name="{name}">tcp://127.0.0.1:{port}?protocols={name.split("-")[0].upper()};'
            f"securityDomain=broker{more}</acceptor>")


def queue(name):
    return f'<address name="{name}"><anycast><queue name="{name}"/></anycast></address>'


class ArtemisBroker(QueueBroker):
    keeps_message_ids = True
    nack_moves = False
    refusal = "password is invalid"

    @staticmethod
    def address(name):
        return name

    destination = address

    def __init__(self, folder, tls=None, durable=(), makes_queues=False):
        self.makes_queues = makes_queues
        super().__init__(folder, tls, durable)

    def configure(self):
        self.port, self.stomp_port, self.tls_port, self.stomp_tls_port = free_ports(4)
        etc = self.folder / "etc"
        etc.mkdir(exist_ok=True)
        (etc / "login.config").write_text(JAAS)
        (etc / "users.properties").write_text("".join(f"{u}={p}\n" for u, p in USERS.items()))
        (etc / "names.properties").write_text("certified=CN=certified\n")
        (etc / "roles.properties").write_text(f"all={','.join(USERS)}\n")
        (etc / "broker.xml").write_text(self.configuration())

    def acceptors(self):
        sasl = ";saslMechanisms=PLAIN,ANONYMOUS,EXTERNAL"
        rows = [acceptor("amqp", self.port, sasl), acceptor("stomp", self.stomp_port, "")]
        if self.tls:
            both = self.folder / "etc/broker.pem"
            both.write_text(self.tls["key"].read_text() + self.tls["certificate"].read_text())
            tls = (f";sslEnabled=true;keyStoreType=PEM;keyStorePath={both};wantClientAuth=true"
                   f";trustStoreType=PEMCA;trustStorePath={self.tls['ca']}")
            rows += [acceptor("amqp-tls", self.tls_port, sasl + tls),
                     acceptor("stomp-tls", self.stomp_tls_port, tls)]
        return "\n    ".join(rows)

    def configuration(self):
        queues = "\n    ".join(map(queue, self.durable))
        letters = "\n    ".join(
            f'<address-setting match="{name}"><dead-letter-address>dead</dead-letter-address>'
            "</address-setting>" for name in self.durable if name.startswith("notes"))
        rights = "".join(f'<permission type="{name}" roles="all"/>' for name in PERMISSIONS)
        return f"""\
<configuration xmlns="urn:activemq"><core xmlns="urn:activemq:core">
  <journal-type>NIO</journal-type>
  <journal-file-size>1M</journal-file-size>
  <max-disk-usage>-1</max-disk-usage>
  <acceptors>
    {self.acceptors()}
  </acceptors>
  <security-settings><security-setting match="#">{rights}</security-setting></security-settings>
  <address-settings>
    <address-setting match="#">
      <auto-create-queues>{str(self.makes_queues).lower()}</auto-create-queues>
      <auto-delete-queues>false</auto-delete-queues>
      <auto-delete-addresses>false</auto-delete-addresses>
      <default-queue-routing-type>ANYCAST</default-queue-routing-type>
      <default-address-routing-type>ANYCAST</default-address-routing-type>
    </address-setting>
    {letters}
  </address-settings>
  <addresses>
    {queues}
  </addresses>
</core></configuration>
"""

    def manage(self, queue, what, body=None):
        """What the broker's management answers about a queue."""
        # Not to be had where the jars are only fetched.
        import amqp_peer
        from proton import Message
        from proton.utils import SyncRequestResponse
        connection = amqp_peer.connect(self.port)
        manager = SyncRequestResponse(connection, "activemq.management")
        answer = manager.call(Message(properties={"_AMQ_ResourceName": f"queue.{queue}", **what},
                                      body=body))
        connection.close()
        return json.loads(answer.body)[0]

    def depth(self, queue):
        return self.manage(queue, {"_AMQ_Attribute": "messageCount"})

    def purge(self, queue):
        self.manage(queue, {"_AMQ_OperationName": "removeAllMessages"}, "[]")

    def spawn(self):
        log = (self.folder / "broker.log").open("a")
        self.processes.append(subprocess.Popen(
            ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
             "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
             f"-Djava.security.auth.login.config={self.folder}/etc/login.config",
             "-cp", f"{jar_peer.fetch('artemis')}/*",
             "org.apache.activemq.artemis.core.server.embedded.Main", str(self.folder)],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True))


if __name__ == "__main__":
    if sys.argv[1:] == ["fetch"]:
        print(f"artemis: jars in {jar_peer.fetch('artemis')}")
    elif len(sys.argv) == 3 and sys.argv[1] in ("start", "stop"):
        place = pathlib.Path(sys.argv[2]).resolve()
        if sys.argv[1] == "start":
            start_and_leave(ArtemisBroker, place, makes_queues=True)
        else:
            stop_left_running(place)
    else:
        sys.exit(__doc__)
