// Ids that wait for the source.
#include "bridge/settled_ids.h"

#include <iterator>

namespace copybridge::bridge {

void SettledIds::add(std::uint64_t settlement, const Passage& passage) {
  for (std::uint32_t record = 0; record < passage.record_count(); ++record) {
    has_retry_ = has_retry_ || passage.fate(record) == adapters::Fate::retry;
  }
  if (has_retry_) return;
  std::vector<std::string> ids;
  ids.reserve(passage.events.size());
  for (const publishers::Event& event : passage.events) ids.emplace_back(event.id);
  waiting_.emplace_back(settlement, std::move(ids));
}

void SettledIds::note_doubtful(std::uint64_t settlement) {
  std::erase_if(waiting_, [&](const auto& batch) { return batch.first == settlement; });
}

void SettledIds::note_settled(std::uint64_t settlements) {
  for (; !waiting_.empty() && waiting_.front().first <= settlements; waiting_.pop_front()) {
    std::vector<std::string>& ids = waiting_.front().second;
    settled_.insert(settled_.end(), std::make_move_iterator(ids.begin()),
                    std::make_move_iterator(ids.end()));
  }
}

}  // namespace copybridge::bridge
