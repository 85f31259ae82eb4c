// Types are known from their definition on, so that none can hold itself.
#include "codecs/copybook/types.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace copybridge::copybook {
namespace {

constexpr std::uint8_t kLevelMax = 49;
// Of all types together: types of types grow fast.
constexpr std::size_t kItemsMax = 50'000;
// Each looks through all items in front of it.
constexpr std::size_t kSameMax = 1000;

bool has_description(const Entry& entry) {
  return entry.picture || entry.usage || entry.sign || entry.synchronized || entry.justified ||
         entry.blank_when_zero;
}

class Expander {
 public:
  explicit Expander(Report& report) : report_(report) {}

  std::vector<Entry> run(std::vector<Entry> entries) {
    std::size_t at = 0;
    while (at < entries.size()) {
      const std::size_t begin = made_.size();
      do {
        add(std::move(entries[at++]), begin);
      } while (at < entries.size() && !begins_record(entries[at]));
      if (made_[begin].type_definition) define(begin);
    }
    return std::move(made_);
  }

 private:
  /// The last record is a type and no record.
  void define(std::size_t begin) {
    std::vector<Entry> record(std::make_move_iterator(made_.begin() + offset(begin)),
                              std::make_move_iterator(made_.end()));
    made_.erase(made_.begin() + offset(begin), made_.end());
    const Entry& first = record.front();
    if (first.is_filler || first.level_number != kRecordLevel) {
      report_.error(*first.type_definition, "copybook: TYPEDEF is for level 01 with a name");
      return;
    }
    const std::string name = upper(first.name);
    types_.insert_or_assign(name, std::move(record));
  }

  void add(Entry entry, std::size_t begin) {
    if (entry.type_definition && made_.size() > begin) {
      report_.error(*entry.type_definition, "copybook: TYPEDEF is for level 01");
    }
    std::vector<Entry> like;
    if (entry.same_as) like = like_of(entry, begin);
    const std::vector<Entry>* type = entry.same_as ? &like : type_of(entry);
    if (type != nullptr && type->empty()) type = nullptr;
    if (type != nullptr) describe(entry, type->front());
    const std::uint8_t level = entry.level_number;
    const Place place = entry.place;
    made_.push_back(std::move(entry));
    const std::size_t at = made_.size() - 1;
    if (type != nullptr && !add_items(*type, level, place)) made_[at].is_broken = true;
  }

  static std::ptrdiff_t offset(std::size_t at) { return static_cast<std::ptrdiff_t>(at); }

  /// One behind the items of the group at a place.
  [[nodiscard]] std::size_t end_of(std::size_t at) const {
    std::size_t end = at + 1;
    while (end < made_.size() && !begins_record(made_[end]) &&
           made_[end].level_number > made_[at].level_number)
      ++end;
    return end;
  }

  /// Whether the groups around an item are the qualifiers of its name, innermost first.
  [[nodiscard]] bool is_within(std::size_t at, const std::vector<std::string>& qualifiers) const {
    std::uint8_t level = made_[at].level_number;
    auto wanted = qualifiers.begin();
    while (at > 0 && level > kRecordLevel && wanted != qualifiers.end()) {
      const Entry& around = made_[--at];
      if (around.level_number >= level) continue;
      level = around.level_number;
      if (same_word(around.name, *wanted)) ++wanted;
    }
    return wanted == qualifiers.end();
  }

  /// The item that SAME AS names with the items under it; none after a report.
  std::vector<Entry> like_of(Entry& entry, std::size_t begin) {
    const Reference& reference = *entry.same_as;
    std::vector<std::size_t> found;
    for (std::size_t at = 0; at < made_.size() && same_count_ < kSameMax; ++at) {
      if (same_word(made_[at].name, reference.name) && is_within(at, reference.qualifiers))
        found.push_back(at);
    }
    const std::string fault = fault_of(entry, found, begin);
    if (fault.empty())
      return {made_.begin() + offset(found.front()), made_.begin() + offset(end_of(found.front()))};
    report_.error(reference.place, "copybook: " + fault);
    entry.is_broken = true;
    return {};
  }

  std::string fault_of(const Entry& entry, const std::vector<std::size_t>& found,
                       std::size_t begin) {
    const std::string name = entry.same_as->name.substr(0, 40);
    if (++same_count_ > kSameMax) return "more than 1000 items have SAME AS";
    if (found.empty()) return "no item in front of it is called " + name;
    if (found.size() > 1) return name + " is the name of several items: qualify it";
    const bool is_around = !begins_record(entry) && found.front() >= begin &&
                           end_of(found.front()) == made_.size() &&
                           made_[found.front()].level_number < entry.level_number;
    if (is_around) return "SAME AS names a group that the item itself is in";
    if (has_description(entry))
      return "SAME AS stands beside PICTURE, USAGE, SIGN, SYNCHRONIZED, JUSTIFIED or BLANK WHEN "
             "ZERO, which it decides";
    return {};
  }

  const std::vector<Entry>* type_of(Entry& entry) {
    if (!entry.type) return nullptr;
    const auto found = types_.find(upper(entry.type->name));
    if (found == types_.end()) {
      report_.error(entry.type->place,
                    "copybook: no TYPEDEF before it defines " + entry.type->name.substr(0, 40));
      entry.is_broken = true;
      return nullptr;
    }
    if (has_description(entry)) {
      report_.error(entry.type->place,
                    "copybook: TYPE stands beside PICTURE, USAGE, SIGN, SYNCHRONIZED, JUSTIFIED or "
                    "BLANK WHEN ZERO, which the type decides");
      entry.is_broken = true;
      return nullptr;
    }
    return &found->second;
  }

  static void describe(Entry& entry, const Entry& type) {
    entry.picture = type.picture;
    entry.usage = type.usage;
    entry.sign = type.sign;
    entry.synchronized = type.synchronized;
    entry.justified = type.justified;
    entry.blank_when_zero = type.blank_when_zero;
    if (!entry.value) entry.value = type.value;
    entry.conditions.insert(entry.conditions.begin(), type.conditions.begin(),
                            type.conditions.end());
    entry.is_broken = entry.is_broken || type.is_broken;
  }

  /// The items of a type come under the item, as deep below it as they are below the type.
  bool add_items(const std::vector<Entry>& type, std::uint8_t level, Place place) {
    copied_ += type.size();
    if (copied_ > kItemsMax) {
      if (!is_full_) report_.error(place, "copybook: types have more than 50,000 items");
      is_full_ = true;
      return false;
    }
    const int above = level == kIndependentLevel ? kRecordLevel : level;
    int highest = kLevelMax;
    for (std::size_t at = 1; at < type.size(); ++at)
      highest = std::min<int>(highest, type[at].level_number);
    const int shift = std::max(0, above + 1 - highest);
    for (std::size_t at = 1; at < type.size(); ++at) {
      Entry entry = type[at];
      if (entry.level_number + shift > kLevelMax) {
        report_.error(place, "copybook: the items of its type are too many levels below it");
        return false;
      }
      entry.level_number = static_cast<std::uint8_t>(entry.level_number + shift);
      made_.push_back(std::move(entry));
    }
    return true;
  }

  Report& report_;
  std::map<std::string, std::vector<Entry>, std::less<>> types_;
  std::vector<Entry> made_;
  std::size_t copied_ = 0;
  std::size_t same_count_ = 0;
  bool is_full_ = false;
};

bool has_types(const std::vector<Entry>& entries) {
  return std::any_of(entries.begin(), entries.end(), [](const Entry& entry) {
    return entry.type_definition || entry.type || entry.same_as;
  });
}

}  // namespace

std::vector<Entry> with_types(std::vector<Entry> entries, Report& report) {
  if (!has_types(entries)) return entries;
  return Expander(report).run(std::move(entries));
}

}  // namespace copybridge::copybook
