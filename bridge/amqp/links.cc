// Termini and settle modes.
#include "bridge/amqp/links.h"

#include <proton/session.h>
#include <proton/terminus.h>

#include "bridge/amqp/connection.h"

namespace copybridge::amqp {
namespace {

/// `there` is the peer's end.
pn_link_t* open_link(pn_link_t* link, pn_terminus_t* there, pn_terminus_t* here,
                     const ClientSettings& settings, const std::string& address) {
  pn_terminus_set_address(there, address.c_str());
  set_capabilities(*pn_terminus_capabilities(there), settings.capabilities);
  pn_terminus_set_address(here, settings.container_id.c_str());
  pn_link_set_snd_settle_mode(link, PN_SND_UNSETTLED);
  pn_link_set_rcv_settle_mode(link, PN_RCV_FIRST);
  pn_link_open(link);
  return link;
}

}  // namespace

pn_link_t* open_sender(pn_session_t& session, const ClientSettings& settings,
                       const std::string& name, const std::string& address) {
  pn_link_t* const link = pn_sender(&session, name.c_str());
  return open_link(link, pn_link_target(link), pn_link_source(link), settings, address);
}

pn_link_t* open_receiver(pn_session_t& session, const ClientSettings& settings,
                         const std::string& name, const std::string& address,
                         std::size_t message_bytes_max) {
  pn_link_t* const link = pn_receiver(&session, name.c_str());
  pn_link_set_max_message_size(link, message_bytes_max);
  return open_link(link, pn_link_source(link), pn_link_target(link), settings, address);
}

bool is_taken(pn_link_t& link) {
  pn_terminus_t* const there =
      pn_link_is_sender(&link) ? pn_link_remote_target(&link) : pn_link_remote_source(&link);
  return pn_terminus_get_type(there) != PN_UNSPECIFIED;
}

}  // namespace copybridge::amqp
