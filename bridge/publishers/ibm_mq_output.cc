// Connecting, putting, and what failures mean.
#include "bridge/publishers/ibm_mq_output.h"

#include <array>
#include <utility>

namespace copybridge::publishers {
namespace {

namespace mq = adapters::ibm_mq;

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "queue",
               .required = true,
               .help = "The queue that messages are put on: local, alias, remote or of a cluster."},
    OptionSpec{.name = "queue_owner",
               .help = "The queue manager that has the queue, where it is not the one connected "
                       "to and no definition there says so."},
};

}  // namespace

std::vector<OptionSpec> mq_output_options() { return {kOwnOptions.begin(), kOwnOptions.end()}; }

MqOutputSettings read_mq_output(const PublisherContext& context, const Options& options,
                                Diagnostics& diagnostics) {
  MqOutputSettings settings;
  settings.connection = mq::read_connection(context.directory, options, diagnostics);
  settings.queue = options.text("queue");
  settings.queue_owner = options.text("queue_owner");
  settings.message = read_mq_message(options, diagnostics);
  mq::check_length(options, "queue", 48, diagnostics);
  mq::check_length(options, "queue_owner", 48, diagnostics);
  return settings;
}

MqOutput::MqOutput(const MqOutputSettings& settings)
    : settings_(settings), connection_(settings.connection) {}

Result<void> MqOutput::load_library() const {
  const Result<const mq::Library*> library = mq::Library::load(settings_.connection.library);
  if (!library) return pass_on(library);
  return {};
}

Result<void> MqOutput::connect() {
  if (connection_.is_connected()) return {};
  Result<void> connected = connection_.connect();
  if (!connected) return connected;
  Result<mq::OpenQueue> opened =
      connection_.open(settings_.queue, settings_.queue_owner,
                       mqi::oo::kOutput | open_options_of(settings_.message.context));
  if (!opened) {
    disconnect();
    return pass_on(opened);
  }
  queue_ = std::move(*opened);
  return {};
}

void MqOutput::disconnect() {
  connection_.disconnect();
  queue_ = {};
}

mq::Outcome MqOutput::put(mqi::MQMD& descriptor, std::string_view body) {
  mqi::MQPMO options;
  options.options =
      mqi::pmo::kSyncpoint | mqi::pmo::kFailIfQuiescing | put_options_of(settings_.message.context);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(body.data());
  return connection_.put(queue_, descriptor, options, {bytes, body.size()});
}

Response MqOutput::failed(std::string_view verb, std::string_view queue, mqi::Long reason) {
  const mq::Reaction reaction = mq::reason_of(reason).reaction;
  Response response{.outcomes = {Outcome::retry},
                    .reason = connection_.error(verb, queue, reason).message};
  const bool is_refused =
      reaction == mq::Reaction::configure || reaction == mq::Reaction::end_batch;
  if (is_refused) response.outcomes = {Outcome::refused};
  const bool is_kept = reaction == mq::Reaction::retry && connection_.back_out().is_ok();
  if (!is_kept) disconnect();
  return response;
}

}  // namespace copybridge::publishers
