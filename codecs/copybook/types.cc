// Types are known from their definition on, so that none can hold itself.
#include "codecs/copybook/types.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace copybridge::copybook {
namespace {

constexpr std::uint8_t kRecordLevel = 1;
constexpr std::uint8_t kIndependentLevel = 77;
constexpr std::uint8_t kLevelMax = 49;
// Of all types together: types of types grow fast.
constexpr std::size_t kItemsMax = 50'000;

bool begins_record(const Entry& entry) {
  return entry.level_number == kRecordLevel || entry.level_number == kIndependentLevel;
}

bool has_description(const Entry& entry) {
  return entry.picture || entry.usage || entry.sign || entry.synchronized || entry.justified ||
         entry.blank_when_zero;
}

class Expander {
 public:
  explicit Expander(Report& report) : report_(report) {}

  std::vector<Entry> run(std::vector<Entry> entries) {
    std::vector<Entry> made;
    std::size_t at = 0;
    while (at < entries.size()) {
      std::vector<Entry> record;
      do {
        add(std::move(entries[at++]), record);
      } while (at < entries.size() && !begins_record(entries[at]));
      if (record.front().type_definition) {
        define(std::move(record));
      } else {
        std::move(record.begin(), record.end(), std::back_inserter(made));
      }
    }
    return made;
  }

 private:
  void define(std::vector<Entry> record) {
    Entry& first = record.front();
    if (first.is_filler || first.level_number != kRecordLevel) {
      report_.error(*first.type_definition, "copybook: TYPEDEF is for level 01 with a name");
      return;
    }
    types_.insert_or_assign(upper(first.name), std::move(record));
  }

  void add(Entry entry, std::vector<Entry>& record) {
    if (entry.type_definition && !record.empty()) {
      report_.error(*entry.type_definition, "copybook: TYPEDEF is for level 01");
    }
    const std::vector<Entry>* type = type_of(entry);
    if (type != nullptr) describe(entry, type->front());
    const std::uint8_t level = entry.level_number;
    const Place place = entry.place;
    record.push_back(std::move(entry));
    const std::size_t at = record.size() - 1;
    if (type != nullptr && !add_items(*type, level, place, record)) record[at].is_broken = true;
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
  bool add_items(const std::vector<Entry>& type, std::uint8_t level, Place place,
                 std::vector<Entry>& record) {
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
      record.push_back(std::move(entry));
    }
    return true;
  }

  Report& report_;
  std::map<std::string, std::vector<Entry>, std::less<>> types_;
  std::size_t copied_ = 0;
  bool is_full_ = false;
};

bool has_types(const std::vector<Entry>& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const Entry& entry) { return entry.type_definition || entry.type; });
}

}  // namespace

std::vector<Entry> with_types(std::vector<Entry> entries, Report& report) {
  if (!has_types(entries)) return entries;
  return Expander(report).run(std::move(entries));
}

}  // namespace copybridge::copybook
