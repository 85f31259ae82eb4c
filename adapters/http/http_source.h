// Records that are posted over HTTP.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/http/posted.h"
#include "adapters/http/repeats.h"
#include "adapters/http/server.h"

namespace copybridge::adapters::http {

struct SourceSettings {
  ServerSettings server;
  bool answers_when_delivered = false;
  std::optional<framing::FramingOptions> framing;  ///< nothing: bytes are one record
  std::vector<std::string> header_names;
  std::size_t batch_records_max = 0;
  std::size_t repeats_max = 0;
};

/// The beginning of ids of records that their senders do not name: no other run, and no other
/// bridge, makes the same ones.
[[nodiscard]] std::string mint_prefix();

/// See adapters::Adapter. A request is answered when all of its records are settled; until then the
/// client has them.
class HttpSource final : public Adapter, private Handler {
 public:
  HttpSource(const AdapterContext& context, SourceSettings settings);
  ~HttpSource() override { HttpSource::close(); }
  HttpSource(const HttpSource&) = delete;
  HttpSource& operator=(const HttpSource&) = delete;

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override;
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return kBatchesInFlight; }
  [[nodiscard]] SourceStatus status() const override;

 private:
  static constexpr std::size_t kBatchesInFlight = 64;
  static constexpr std::size_t kBatchBytes = 4 << 20;

  /// A request that is not answered yet.
  struct Submission {
    Posted posted;
    std::vector<Respond> responds;  ///< of the request and of its repeats
    std::shared_ptr<const Reservation> reservation;
    std::int64_t time_ms = 0;
    std::size_t handed_out = 0;
    std::size_t settled = 0;
    std::array<std::size_t, 4> fates{};  ///< how many records, by Fate
    bool is_answered = false;
  };
  using SubmissionPointer = std::shared_ptr<Submission>;
  /// Records of a batch that are of one submission.
  struct Part {
    SubmissionPointer submission;
    std::size_t count = 0;
  };
  struct Batch {
    std::uint64_t token = 0;
    std::vector<Part> parts;
  };

  void handle(Request request, Respond respond) override;
  void hand_out(RecordBatch& batch, Batch& handed);
  void append(RecordBatch& batch, const Submission& submission, PostedRecord& record);
  void settle_part(const Part& part, std::span<const Fate> fates);
  void conclude(Submission& submission, const Answer& answer, bool is_final);
  [[nodiscard]] Answer answer_of(const Submission& submission) const;

  const AdapterContext context_;
  const SourceSettings settings_;
  BodyReader reader_;  ///< of the listener's thread
  std::size_t records_max_ = 0;
  std::string minted_;  ///< beginning of the ids of records without one

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_interrupted_ = false;
  bool is_closed_ = true;
  std::deque<SubmissionPointer> waiting_;  ///< with records that are not handed out
  std::deque<Batch> unsettled_;
  Repeats<Submission> repeats_;
  std::uint64_t next_token_ = 1;
  std::uint64_t next_minted_ = 1;
  Server server_;
};

}  // namespace copybridge::adapters::http
