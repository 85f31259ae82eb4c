// Uploads by z/OSMF.
#include <array>
#include <memory>
#include <utility>

#include "bridge/core/log.h"
#include "bridge/publishers/remote_file_publisher.h"
#include "bridge/transfer/zosmf.h"
#include "codecs/framing/options.h"

namespace copybridge::publishers {
namespace {

constexpr std::array kLikeOption = {
    OptionSpec{.name = "like",
               .type = OptionType::text,
               .help = "Data set whose attributes a new one gets; without it z/OSMF writes only to "
                       "data sets that are there."}};

class ZosmfUploader final : public Uploader {
 public:
  ZosmfUploader(transfer::ZosmfServer server, std::string like)
      : server_(std::move(server)), like_(std::move(like)), session_(server_.settings) {}

  Result<void> put(const std::string& name, ByteView contents) override;
  void stop() override { session_.stop(); }
  void resume() override { session_.resume(); }

 private:
  Result<transfer::Answer> perform(transfer::Call call);
  Result<void> allocate(const std::string& name);

  const transfer::ZosmfServer server_;
  const std::string like_;
  transfer::Session session_;
};

/// z/OSMF takes the whole body before it writes.
Result<void> ZosmfUploader::put(const std::string& name, ByteView contents) {
  transfer::Call call{.url = server_.resource_of(name),
                      .method = "PUT",
                      .headers = server_.data_headers(name),
                      .upload = contents};
  call.headers.emplace_back("Content-Type: application/octet-stream");
  Result<transfer::Answer> answer = perform(call);
  if (answer && answer->failure == transfer::Failure::missing && !like_.empty()) {
    const Result<void> allocated = allocate(name);
    if (!allocated) return pass_on(allocated);
    answer = perform(call);
  }
  if (!answer) return pass_on(answer);
  if (answer->failure != transfer::Failure::none) {
    return put_failed("zosmf: writing " + name, *answer);
  }
  return {};
}

Result<void> ZosmfUploader::allocate(const std::string& name) {
  std::string body = R"({"like":)";
  append_json_string(body, like_);
  body += '}';
  const Result<transfer::Answer> answer = perform(
      {.url = server_.resource_of(name),
       .method = "POST",
       .headers = {"Content-Type: application/json"},
       .upload = ByteView(reinterpret_cast<const std::uint8_t*>(body.data()), body.size())});
  if (!answer) return pass_on(answer);
  if (answer->failure != transfer::Failure::none) {
    return put_failed("zosmf: allocating " + name, *answer);
  }
  return {};
}

Result<transfer::Answer> ZosmfUploader::perform(transfer::Call call) {
  const Result<void> completed = server_.complete(call);
  if (!completed) return pass_on(completed);
  const Result<transfer::Credentials> credentials = server_.credentials();
  if (!credentials) return pass_on(credentials);
  transfer::Answer answer = session_.perform(call, *credentials);
  if (answer.failure != transfer::Failure::none) answer.message += transfer::zosmf_reason(answer);
  return answer;
}

std::unique_ptr<Publisher> make(const PublisherContext& context, const Options& options,
                                Diagnostics& diagnostics) {
  transfer::ZosmfServer server = transfer::read_zosmf(context.directory, options, diagnostics);
  return make_remote_file(context, options,
                          std::make_unique<ZosmfUploader>(std::move(server), options.text("like")),
                          diagnostics);
}

std::span<const OptionSpec> zosmf_options() {
  static const std::vector<OptionSpec> options =
      framing::with_framing(transfer::joined({transfer::zosmf_options(), remote_file_options(),
                                              kLikeOption, transfer::connection_options()}));
  return options;
}

}  // namespace

const PublisherKind kZosmfPublisher{
    .kind = "zosmf",
    .help = "Writes events or records as z/OS data sets, members or UNIX files by z/OSMF.",
    .options = zosmf_options(),
    .make = make};

}  // namespace copybridge::publishers
