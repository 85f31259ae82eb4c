// One body, one object, put where it is absent.
#include "bridge/publishers/objects/body_publisher.h"

#include <utility>

#include "bridge/core/crash_point.h"
#include "bridge/core/digest.h"
#include "bridge/core/percent.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/request_worker.h"

namespace copybridge::publishers::objects {
namespace {

class BodyPublisher final : public Publisher {
 public:
  BodyPublisher(std::string_view kind, BodyNames names, http::ClientSettings client,
                std::unique_ptr<http::Authorizer> authorizer, std::unique_ptr<ObjectStore> store)
      : kind_(kind),
        names_(std::move(names)),
        store_(std::move(store)),
        channel_(std::move(client), std::move(authorizer)) {}
  ~BodyPublisher() override { close(Milliseconds{0}); }

  Result<void> open(CompletionPort port) override {
    if (auto opened = channel_.open(); !opened) return opened;
    worker_.start(port, {.handle = [this](const Request& request) { return handle(request); },
                         .idle = {},
                         .cancel = [this] { channel_.stop(); }});
    return {};
  }
  Limits limits() const override { return {}; }
  std::string reference_of(const Event& event) const override {
    return store_->place() + "/" + percent_encoded(names_.expand(event), "/");
  }
  void publish(Request request) override { worker_.push(std::move(request)); }
  Result<bool> renew_credentials() override { return channel_.renew(); }
  void close(Milliseconds limit) override { worker_.stop(limit); }

 private:
  [[nodiscard]] Response handle(const Request& request);
  [[nodiscard]] Response put(const Event& event);
  [[nodiscard]] Response compare(const Object& object);

  const std::string kind_;
  const BodyNames names_;
  const std::unique_ptr<ObjectStore> store_;
  Channel channel_;
  RequestWorker worker_;
};

Response BodyPublisher::handle(const Request& request) {
  Response response = put(*request.events.front());
  if (response.reason.empty()) return response;
  response.reason = kind_ + ": " + store_->place() + ": " + response.reason;
  return response;
}

Response BodyPublisher::put(const Event& event) {
  const Object object{.name = names_.expand(event),
                      .bytes = event.body,
                      .content_type = content_type_of(event),
                      .sha256 = hex(sha256(event.body))};
  Stored<Created> created = store_->create(channel_, object);
  if (!created) return std::move(created.error());
  if (*created == Created::taken) return compare(object);
  crash_point("body_stored");
  return {.outcomes = {Outcome::accepted}};
}

/// The body is there since an earlier attempt; or somebody else has used its name.
Response BodyPublisher::compare(const Object& object) {
  Stored<std::optional<std::string>> digest = store_->digest_of(channel_, object.name);
  if (!digest) return std::move(digest.error());
  if (!*digest) return unexpected(object.name + " was removed meanwhile");
  if (**digest == object.sha256) return {.outcomes = {Outcome::accepted}};
  return {.outcomes = {Outcome::refused}, .reason = object.name + " holds something else"};
}

}  // namespace

std::unique_ptr<Publisher> make_body_publisher(std::string_view kind, BodyNames names,
                                               http::ClientSettings client,
                                               std::unique_ptr<http::Authorizer> authorizer,
                                               std::unique_ptr<ObjectStore> store) {
  return std::make_unique<BodyPublisher>(kind, std::move(names), std::move(client),
                                         std::move(authorizer), std::move(store));
}

}  // namespace copybridge::publishers::objects
