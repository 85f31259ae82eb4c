// Options of the adapter tcp.
#include "adapters/tcp/tcp_adapter.h"

#include <memory>
#include <utility>

#include "adapters/described_by.h"
#include "adapters/tcp/ims_options.h"
#include "adapters/tcp/tcp_source.h"
#include "bridge/core/option_rules.h"
#include "codecs/framing/options.h"

namespace copybridge::adapters {
namespace {

constexpr broker::Protocol kProtocol{"tcp", "tcp", "tls", 0, 0};
constexpr std::int64_t kWaitMaxMs = 86'400'000;
constexpr std::size_t kAcknowledgementBytesMax = 64;

constexpr OptionSpec kFirstOptions[] = {
    {.name = "listen",
     .help = "Address and port to listen on, `127.0.0.1:5000` or `[::1]:5000`; port 0 takes any "
             "free one."},
    {.name = "servers",
     .type = OptionType::text_list,
     .help = "Or where to connect to, as tcp://host:port or tls://host:port, one or a list that is "
             "tried in turn; one connection at a time."},
    {.name = "protocol",
     .type = OptionType::choice,
     .default_value = "framed",
     .help = "What is spoken: framed = records one after the other, as recfm says; ims-connect "
             "(experimental) = as a client of IMS Connect, which takes the messages of a tpipe by "
             "RESUME TPIPE and answers each.",
     .choices = "framed|ims-connect"},
    {.name = "described_by",
     .type = OptionType::text_list,
     .help = "Mapping files, from the bridge file's folder, that tell how records lie in the "
             "stream, as for files."},
    {.name = "acknowledgement_hex",
     .help = "What is sent for each record once it is safe, in the spool: its bytes in "
             "hexadecimal, such as 06; without it nothing is."},
    {.name = "id_from",
     .default_value = "arrival",
     .help = "Ids of records: arrival = a new one each time, so that a record that is sent again "
             "is another one; content = a hash of its bytes, so that two equal records look like "
             "one sent twice; or the name of an item of the copybook of the first mapping of "
             "described_by, of whose bytes the id is a hash."},
};

constexpr OptionSpec kOtherOptions[] = {
    {.name = "insecure",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "Allows an address to listen on that other machines reach without TLS or without "
             "client certificates, and does not verify the certificates of servers."},
    broker::kConnectTimeoutOption,
    {.name = "connections_max",
     .type = OptionType::integer,
     .default_value = "100",
     .help = "Connections that a listener has at a time; further ones are closed.",
     .min = 1,
     .max = 100'000},
    {.name = "idle_ms",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "A connection is closed where nothing has come for so long and nothing waits for its "
             "acknowledgement; 0: never.",
     .max = kWaitMaxMs},
    {.name = "record_limit_ms",
     .type = OptionType::integer,
     .default_value = "60000",
     .help = "And where a record has begun and is not there as a whole after so long.",
     .min = 100,
     .max = kWaitMaxMs},
    {.name = "waiting_bytes_max",
     .type = OptionType::integer,
     .default_value = "67108864",
     .help = "Where so many bytes of records are not safe yet, connections are not read.",
     .min = 1,
     .max = std::int64_t{16} << 30},
    {.name = "batch_records_max",
     .type = OptionType::integer,
     .default_value = "1000",
     .help = "Most records that are read as one batch.",
     .min = 1,
     .max = 1'000'000},
};

constexpr auto kOwnOptions =
    join_options(kFirstOptions, tcp::kImsOptions, sockets::kServerTlsOptions,
                 broker::kClientTlsOptions, kOtherOptions, sockets::kEgressOptions);

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = framing::with_framing(kOwnOptions);
  return options;
}

void read_listener(const AdapterContext& context, const Options& options, tcp::HubSettings& hub,
                   Diagnostics& diagnostics) {
  hub.listen = sockets::read_listen(options, diagnostics);
  hub.tls = sockets::read_server_tls(context.directory, options, diagnostics);
  sockets::check_exposure(*hub.listen, hub.tls, false,
                          "give 'certificate' and 'client_ca', or 'insecure: yes'", options,
                          diagnostics);
  for (const OptionSpec& row : broker::kClientTlsOptions)
    check_excludes(options, row.name, "listen", diagnostics);
  for (const OptionSpec& row : sockets::kEgressOptions)
    check_excludes(options, row.name, "listen", diagnostics);
}

void read_end_points(const AdapterContext& context, const Options& options, tcp::HubSettings& hub,
                     Diagnostics& diagnostics) {
  if (options.is_given("listen") == options.is_given("servers")) {
    diagnostics.error(options.where("listen"),
                      "either 'listen' or 'servers' tells where records come from");
    return;
  }
  if (options.is_given("listen")) return read_listener(context, options, hub, diagnostics);
  hub.access = broker::read_connection(context.directory, options, kProtocol, diagnostics);
  hub.egress = sockets::read_egress(options, diagnostics);
  for (const OptionSpec& row : sockets::kServerTlsOptions)
    check_excludes(options, row.name, "servers", diagnostics);
  for (const broker::Server& server : hub.access.servers) {
    if (server.port != 0) continue;
    diagnostics.error(options.where("servers"), "'servers': a server needs a port");
  }
}

std::string read_acknowledgement(const Options& options, Diagnostics& diagnostics) {
  ByteBuffer bytes;
  const std::string& hex = options.text("acknowledgement_hex");
  if (!from_hex(hex, bytes) || bytes.size() > kAcknowledgementBytesMax) {
    diagnostics.error(options.where("acknowledgement_hex"),
                      "'acknowledgement_hex' is up to 64 bytes in hexadecimal");
  }
  return {bytes.view().begin(), bytes.view().end()};
}

std::shared_ptr<const tcp::RecordId> read_ids(const AdapterContext& context, const Options& options,
                                              Diagnostics& diagnostics) {
  const std::string& from = options.text("id_from");
  if (from == "arrival") return nullptr;
  if (from == "content") return std::make_shared<tcp::RecordId>(context.name);
  if (options.list("described_by").empty()) {
    diagnostics.error(options.where("id_from"),
                      "'id_from': an item's name needs 'described_by' as well",
                      "or it is arrival or content");
    return nullptr;
  }
  const auto mappings = load_described(context.directory, options, diagnostics);
  if (mappings.empty()) return nullptr;
  Result<tcp::RecordId> ids = tcp::RecordId::of_item(context.name, from, *mappings.front());
  if (ids) return std::make_shared<tcp::RecordId>(std::move(*ids));
  diagnostics.error(options.where("id_from"), ids.error().message);
  return nullptr;
}

void read_framed(const AdapterContext& context, const Options& options, tcp::HubSettings& hub,
                 Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  for (const OptionSpec& row : tcp::kImsOptions) {
    if (!options.is_given(row.name)) continue;
    diagnostics.error(options.where(row.name),
                      "'" + std::string(row.name) + "' needs 'protocol: ims-connect'");
  }
  auto framing = framing::read_framing(options, framing::LineEnds::ebcdic, diagnostics);
  const std::string acknowledgement = read_acknowledgement(options, diagnostics);
  if (diagnostics.error_count() == errors)
    describe(context.directory, options, framing, diagnostics);
  if (diagnostics.error_count() == errors) check_framing(framing, options, diagnostics);
  hub.make_conversation = [framing, acknowledgement] {
    return tcp::make_framed_conversation(framing, acknowledgement);
  };
}

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const auto count = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  tcp::SourceSettings settings;
  tcp::HubSettings& hub = settings.hub;
  hub.name = context.name;
  read_end_points(context, options, hub, diagnostics);
  hub.connections_max = count("connections_max");
  hub.connection = {Milliseconds(options.integer("idle_ms")),
                    Milliseconds(options.integer("record_limit_ms"))};
  settings.waiting_bytes_max = count("waiting_bytes_max");
  settings.batch_records_max = count("batch_records_max");
  settings.ids = read_ids(context, options, diagnostics);
  if (options.text("protocol") == "ims-connect") {
    tcp::read_ims(options, hub, diagnostics);
  } else {
    read_framed(context, options, hub, diagnostics);
  }
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<tcp::TcpSource>(context, std::move(settings));
}

}  // namespace

const AdapterKind kTcpAdapter = {
    .kind = "tcp",
    .help = "Reads records that are sent over TCP, by listening or connecting, by way of a spool.",
    .options = all_options(),
    .make = make,
    .holds_records = false};

}  // namespace copybridge::adapters
