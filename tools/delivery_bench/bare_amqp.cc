// What Qpid Proton's proactor does where nothing else is done: the measure of the adapter amqp
// (tools/bench-delivery).
//
//   bare_amqp load HOST:PORT ADDRESS SIZE COUNT FILE   messages of SIZE bytes each, in their order
//   bare_amqp read HOST:PORT ADDRESS CREDIT COUNT      receives and accepts
#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/link.h>
#include <proton/message.h>
#include <proton/proactor.h>
#include <proton/sasl.h>
#include <proton/session.h>
#include <proton/transport.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace {

struct Client {
  std::string address;
  bool is_sender = false;
  std::size_t size = 0;
  std::size_t credit = 0;
  std::size_t count = 0;
  std::string data;
  std::size_t sent = 0;
  std::size_t settled = 0;
  std::string buffer = std::string(1 << 20, '\0');
};

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "bare_amqp: %s\n", why);
  std::exit(1);
}

void attach(Client& client, pn_connection_t* connection) {
  pn_connection_set_container(connection, "bare");
  pn_connection_open(connection);
  pn_session_t* const session = pn_session(connection);
  pn_session_open(session);
  pn_link_t* const link =
      client.is_sender ? pn_sender(session, "bare") : pn_receiver(session, "bare");
  pn_terminus_set_address(client.is_sender ? pn_link_target(link) : pn_link_source(link),
                          client.address.c_str());
  pn_link_set_snd_settle_mode(link, PN_SND_UNSETTLED);
  pn_link_open(link);
  if (!client.is_sender) pn_link_flow(link, static_cast<int>(client.credit));
}

void send(Client& client, pn_link_t* link) {
  pn_message_t* const message = pn_message();
  for (; client.sent < client.count && pn_link_credit(link) > 0; ++client.sent) {
    const std::string tag = std::to_string(client.sent);
    pn_message_clear(message);
    pn_message_set_inferred(message, true);
    pn_data_put_string(pn_message_id(message), pn_bytes(tag.size(), tag.data()));
    const std::size_t at = client.sent * client.size % client.data.size();
    pn_data_put_binary(pn_message_body(message), pn_bytes(client.size, client.data.data() + at));
    std::size_t size = client.buffer.size();
    if (pn_message_encode(message, client.buffer.data(), &size) != 0) give_up("encode");
    pn_delivery(link, pn_dtag(tag.data(), tag.size()));
    pn_link_send(link, client.buffer.data(), size);
    pn_link_advance(link);
  }
  pn_message_free(message);
}

void receive(Client& client, pn_delivery_t* delivery) {
  if (!pn_delivery_readable(delivery) || pn_delivery_partial(delivery)) return;
  pn_link_t* const link = pn_delivery_link(delivery);
  if (pn_link_recv(link, client.buffer.data(), client.buffer.size()) < 0) give_up("receive");
  pn_link_advance(link);
  pn_delivery_update(delivery, PN_ACCEPTED);
  pn_delivery_settle(delivery);
  ++client.settled;
  if (client.settled % (client.credit / 2) == 0)
    pn_link_flow(link, static_cast<int>(client.credit / 2));
}

/// False at the end.
bool handle(Client& client, pn_event_t* event) {
  switch (static_cast<int>(pn_event_type(event))) {
    case PN_CONNECTION_INIT:
      attach(client, pn_event_connection(event));
      break;
    case PN_LINK_FLOW:
      if (client.is_sender) send(client, pn_event_link(event));
      break;
    case PN_DELIVERY: {
      pn_delivery_t* const delivery = pn_event_delivery(event);
      if (!client.is_sender) {
        receive(client, delivery);
      } else if (pn_delivery_updated(delivery)) {
        if (pn_delivery_remote_state(delivery) != PN_ACCEPTED) give_up("not accepted");
        pn_delivery_settle(delivery);
        ++client.settled;
      }
      if (client.settled == client.count) pn_connection_close(pn_event_connection(event));
      break;
    }
    case PN_TRANSPORT_CLOSED:
      if (client.settled < client.count) give_up("the connection is lost");
      return false;
    default:
      break;
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 6) give_up("see the top of its source");
  Client client;
  client.is_sender = std::string(arguments[1]) == "load";
  client.address = arguments[3];
  (client.is_sender ? client.size : client.credit) = std::stoul(arguments[4]);
  client.count = std::stoul(arguments[5]);
  if (client.is_sender && count == 7) {
    std::ifstream file(arguments[6], std::ios::binary);
    client.data.assign(std::istreambuf_iterator<char>(file), {});
  }
  pn_proactor_t* const proactor = pn_proactor();
  pn_transport_t* const transport = pn_transport();
  pn_sasl_allowed_mechs(pn_sasl(transport), "ANONYMOUS");
  pn_proactor_connect2(proactor, nullptr, transport, arguments[2]);
  for (bool goes_on = true; goes_on;) {
    pn_event_batch_t* const batch = pn_proactor_wait(proactor);
    while (pn_event_t* const event = pn_event_batch_next(batch)) {
      goes_on = handle(client, event) && goes_on;
    }
    pn_proactor_done(proactor, batch);
  }
  pn_proactor_free(proactor);
  std::printf("%zu\n", client.settled);
}
