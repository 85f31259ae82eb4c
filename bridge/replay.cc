// Dead letters as batches, one pipeline per source and destination.
#include "bridge/replay.h"

#include <algorithm>
#include <map>
#include <set>

#include "bridge/bridge.h"
#include "bridge/letter_box.h"
#include "bridge/pipeline.h"

namespace copybridge::bridge {
namespace {

using adapters::Fate;
using adapters::ReadStatus;
using adapters::RecordBatch;
using adapters::Settlement;

constexpr std::size_t kPage = 200;

/// Letters of one source that are owed to the same destination.
using Groups = std::map<std::pair<std::string, std::string>, std::vector<DeadLetter>>;

/// Hands out the given letters once; what is delivered leaves the store.
class ReplayAdapter : public adapters::Adapter {
 public:
  ReplayAdapter(std::vector<DeadLetter> letters, DeadLetterStore store, ReplayTotals& totals)
      : letters_(std::move(letters)), store_(std::move(store)), totals_(totals) {}

  Result<void> open() override { return {}; }

  Result<ReadStatus> read(RecordBatch& batch, Milliseconds) override {
    batch.reset();
    if (next_ == letters_.size()) return unsettled_ == 0 ? ReadStatus::dry : ReadStatus::ended;
    const DeadLetter& letter = letters_[next_];
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(letter.record.data());
    batch.bytes.append({bytes, letter.record.size()});
    batch.attributes = attributes_of(letter);
    batch.records.push_back({0, static_cast<std::uint32_t>(letter.record.size()),
                             noted_place(SourceAttributes(batch.attributes))});
    batch.ids.push_back(letter.record_id);
    batch.position = letter.position;
    batch.attributes.emplace_back("replayed", letter.time);
    batch.token = next_++;
    ++unsettled_;
    return ReadStatus::batch;
  }

  /// They have one each.
  void limit_batches(std::size_t) override {}

  Result<void> settle(const Settlement& settlement) override {
    const DeadLetter& letter = letters_[settlement.token];
    const Fate fate = settlement.fates.front();
    if (fate == Fate::delivered || fate == Fate::filtered) {
      const Result<bool> removed = store_.remove(letter.id, letter.destination);
      if (!removed) return pass_on(removed);
    }
    totals_.delivered += fate == Fate::delivered ? 1 : 0;
    totals_.filtered += fate == Fate::filtered ? 1 : 0;
    totals_.still_bad += fate == Fate::dead_lettered ? 1 : 0;
    --unsettled_;
    return {};
  }

  void interrupt() override {}
  void close() override {}
  std::size_t batches_in_flight_max() const override { return kPage; }
  adapters::SourceStatus status() const override { return {}; }

 private:
  std::vector<DeadLetter> letters_;
  DeadLetterStore store_;
  ReplayTotals& totals_;
  std::size_t next_ = 0;
  std::size_t unsettled_ = 0;
};

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> words;
  std::size_t from = 0;
  while (from <= names.size()) {
    const std::size_t comma = std::min(names.find(',', from), names.size());
    words.push_back(names.substr(from, comma - from));
    from = comma + 1;
  }
  return words;
}

Result<DeadLetterStore> open_store(const StateDirectory& state) {
  Result<Database> database = state.open_database();
  if (!database) return pass_on(database);
  return DeadLetterStore::open(std::move(*database));
}

Result<Groups> select(DeadLetterStore& store, const ReplaySelection& selection) {
  const std::set<std::string> ids(selection.ids.begin(), selection.ids.end());
  Groups groups;
  std::int64_t row = 0;
  for (;;) {
    Result<std::vector<DeadLetter>> page = store.list("", "", kPage, row);
    if (!page) return pass_on(page);
    if (page->empty()) return groups;
    for (DeadLetter& letter : *page) {
      if (!ids.empty() && !ids.contains(letter.id)) continue;
      groups[{letter.source, letter.destination}].push_back(std::move(letter));
    }
  }
}

}  // namespace

Result<ReplayTotals> replay(const BridgeConfig& config, const ReplaySelection& selection,
                            Milliseconds give_up_after, const Clock& clock, Log& log) {
  Result<StateDirectory> state = StateDirectory::open(config.state);
  if (!state) return pass_on(state);
  Result<DeadLetterStore> store = open_store(*state);
  if (!store) return pass_on(store);
  Result<Groups> groups = select(*store, selection);
  if (!groups) return pass_on(groups);
  ReplayTotals totals;
  std::uint64_t selected = 0;
  for (auto& [group, letters] : *groups) {
    selected += letters.size();
    const auto& [source, destination] = group;
    // Replies that nobody waits for any more are there to be looked at.
    if (takes_calls(config, source)) continue;
    Result<SourceRoutes> routes =
        make_routes(config, source, split(destination), &*state, clock, log);
    if (!routes) return pass_on(routes);
    if (routes->routes.empty()) {
      std::string message = "replay: no route leads from ";
      message.append(source).append(" to ").append(destination).append(" any more");
      return fail(ErrorKind::config, std::move(message));
    }
    Result<DeadLetterStore> of_adapter = open_store(*state);
    Result<DeadLetterStore> of_pipeline = open_store(*state);
    if (!of_adapter) return pass_on(of_adapter);
    if (!of_pipeline) return pass_on(of_pipeline);
    PipelineSettings settings =
        pipeline_settings(config, source, {.until_idle = true, .give_up_after = give_up_after});
    settings.bad_in_row_max = 0;
    settings.bad_percent_max = 0;
    settings.is_replay = true;
    Pipeline pipeline(
        std::move(settings),
        std::make_unique<ReplayAdapter>(std::move(letters), std::move(*of_adapter), totals),
        std::move(routes->routes), std::move(routes->destinations), std::move(*of_pipeline), clock,
        log);
    pipeline.run();
  }
  totals.kept = selected - totals.delivered - totals.filtered - totals.still_bad;
  return totals;
}

}  // namespace copybridge::bridge
