// Options to messages of IMS Connect.
#include "adapters/tcp/ims_options.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "adapters/tcp/ims_conversation.h"
#include "bridge/core/option_rules.h"
#include "codecs/framing/options.h"

namespace copybridge::adapters::tcp {
namespace {

/// IMS Connect says that nothing came when its timer has run out: a connection on which it has not
/// is dead.
constexpr Milliseconds kTimerGrace{10'000};

ImsRetrieval retrieval_of(std::string_view name) {
  if (name == "single") return ImsRetrieval::single;
  if (name == "noauto") return ImsRetrieval::no_auto;
  return name == "auto" ? ImsRetrieval::automatic : ImsRetrieval::single_wait;
}

/// Messages say themselves how they are framed.
void check_others(const Options& options, Diagnostics& diagnostics) {
  constexpr std::array<std::string_view, 2> kHeeded = {"keep_prefix", "record_bytes_max"};
  const auto check = [&](std::string_view name) {
    if (!options.is_given(name) || std::ranges::find(kHeeded, name) != kHeeded.end()) return;
    diagnostics.error(options.where(name),
                      "'" + std::string(name) + "' has no meaning with 'protocol: ims-connect'");
  };
  for (const OptionSpec& row : framing::framing_options()) check(row.name);
  for (const std::string_view name : {"listen", "acknowledgement_hex", "connections_max"})
    check(name);
  // Ids may be by an item.
  const std::string& ids = options.text("id_from");
  if (ids == "arrival" || ids == "content") check("described_by");
  for (const std::string_view name : {"ims_client_id", "ims_datastore"}) {
    if (!options.text(name).empty()) continue;
    diagnostics.error(options.where(name),
                      "'protocol: ims-connect' needs '" + std::string(name) + "'");
  }
  check_needs(options, "ims_password", "ims_user", diagnostics);
}

}  // namespace

void read_ims(const Options& options, HubSettings& hub, Diagnostics& diagnostics) {
  check_others(options, diagnostics);
  if (options.is_given("ims_password"))
    broker::check_secret(hub.access, "ims_password", options, diagnostics);
  ImsSettings ims;
  ims.code_page = options.text("ims_codepage");
  ims.exit_id = options.text("ims_exit");
  ims.client_id = options.text("ims_client_id");
  ims.datastore = options.text("ims_datastore");
  ims.tpipe = options.text("ims_tpipe");
  ims.user = options.text("ims_user");
  ims.group = options.text("ims_group");
  ims.application = options.text("ims_application");
  ims.retrieval = retrieval_of(options.text("ims_retrieval"));
  ims.timer = Milliseconds(options.integer("ims_timer_ms"));
  ims.takes_over = options.boolean("ims_take_over");
  ims.keeps_prefix = options.boolean("keep_prefix");
  ims.message_bytes_max = static_cast<std::uint32_t>(options.integer("record_bytes_max"));
  // All but the password, which is read when a connection begins.
  if (const Result<ImsVocabulary> words = make_vocabulary(ims); !words)
    diagnostics.error(options.where("protocol"), words.error().message);
  ims.password = options.secret("ims_password");
  if (!options.is_given("idle_ms") && ims.timer.count() > 0)
    hub.connection.idle = ims.timer + kTimerGrace;
  hub.make_conversation = [ims = std::move(ims)] { return make_ims_conversation(ims); };
}

}  // namespace copybridge::adapters::tcp
