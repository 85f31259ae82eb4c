// Messages of a queue by IBM MQ's REST API as records: browsed, and deleted by their MsgIds when
// they are settled.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/http/client.h"
#include "bridge/http/credentials.h"
#include "bridge/mqweb/queue.h"

namespace copybridge::adapters::ibm_mq_rest {

struct RestSettings {
  mqweb::Queue queue;
  http::ClientSettings client;
  std::size_t batch_records_max = 0;
  std::size_t message_bytes_max = 0;
  Milliseconds poll_interval{0};
};

/// See adapters::Adapter. One reader per queue: two would both deliver what both have browsed.
class RestSource final : public Adapter {
 public:
  RestSource(const AdapterContext& context, RestSettings settings);
  ~RestSource() override { RestSource::close(); }
  RestSource(const RestSource&) = delete;
  RestSource& operator=(const RestSource&) = delete;

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override;
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return 1; }
  [[nodiscard]] SourceStatus status() const override { return {}; }

 private:
  /// A message that has been handed out.
  struct Handed {
    std::string message_id;
    std::string hash;          ///< of its body
    bool may_be_gone = false;  ///< a DELETE was not answered
    bool is_gone = false;
  };

  Result<std::vector<http::Answer>> perform(std::vector<http::Call> calls);
  Result<std::vector<std::string>> list(std::size_t most);
  Result<void> browse(const std::vector<std::string>& ids, RecordBatch& batch);
  Result<void> take(const std::string& id, const http::Answer& answer, RecordBatch& batch);
  Result<void> look_again(std::vector<Handed*>& doubtful);
  Result<void> remove(std::vector<Handed*>& pending);
  void wait_for_messages(Milliseconds wait);
  [[nodiscard]] std::string message_tail(const std::string& id) const;
  [[nodiscard]] tl::unexpected<Error> failed(std::string_view what,
                                             const http::Answer& answer) const;

  const AdapterContext context_;
  const RestSettings settings_;
  http::CredentialSource login_;
  std::unique_ptr<http::Client> client_;
  std::set<std::string> unreadable_;  ///< MsgIds of messages that are no text
  std::vector<Handed> handed_;
  std::uint64_t token_ = 0;  ///< of what has been handed out; 0: nothing
  std::uint64_t next_token_ = 1;
  std::size_t records_max_ = 0;

  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_interrupted_ = false;
  SteadyTime look_again_at_;
};

}  // namespace copybridge::adapters::ibm_mq_rest
