// Calls that come in over HTTP and are answered on the same connection.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/calls.h"
#include "adapters/http/http_source.h"

namespace copybridge::adapters::http {

/// See CallSource. A call with an Idempotency-Key that was sent, or is under way, is not sent
/// again: the repeat gets the answer of the first.
class HttpCalls final : public CallSource, private Handler {
 public:
  HttpCalls(const AdapterContext& context, const SourceSettings& settings);

  Result<void> open(CallHandler& handler) override;
  void refuse_new() override;
  void close(Milliseconds limit) override;

 private:
  struct Waiting {
    std::vector<Respond> responds;
    std::shared_ptr<const Reservation> reservation;
  };
  void handle(Request request, Respond respond) override;
  /// Whether the request is a repeat, which has got its answer or waits for it.
  [[nodiscard]] bool is_repeat(const Posted& posted, const std::string& body_hash,
                               const Respond& respond);
  void answer(const std::string& key, Waiting& waiting, const CallAnswer& answer);

  const AdapterContext context_;
  BodyReader reader_;
  const std::string minted_;
  std::uint64_t next_minted_ = 1;
  CallHandler* handler_ = nullptr;
  std::mutex mutex_;
  Repeats<Waiting> repeats_;
  Server server_;
};

}  // namespace copybridge::adapters::http
