// Styles of names and their numbering.
#include "codecs/plan/names.h"

#include <cctype>

#include "codecs/plan/tables.h"

namespace copybridge::plan {
namespace {

char lower(char character) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
}

char upper(char character) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
}

bool is_separator(char character) { return character == '-' || character == '_'; }

}  // namespace

std::string styled(std::string_view name, Names names) {
  if (names == Names::as_is) return std::string(name);
  std::string text;
  bool begins_word = false;
  for (const char character : name) {
    if (!is_separator(character)) {
      text += begins_word && names == Names::camel ? upper(character) : lower(character);
      begins_word = false;
      continue;
    }
    if (names == Names::snake) text += '_';
    begins_word = !text.empty();
  }
  return text;
}

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char character : text) {
    const JsonCharacter escaped = json_of_ascii(character);
    json.append(escaped.text.data(), escaped.size);
  }
  return json + '"';
}

std::string MemberNames::take(std::string_view name, bool is_final, bool& was_taken) {
  const auto print = [&](const std::string& text) {
    return is_final ? text : styled(text, names_);
  };
  std::string printed = print(std::string(name));
  was_taken = false;
  unsigned& number = next_.try_emplace(std::string(name), 2U).first->second;
  const unsigned number_before = number;
  while (!taken_.insert(printed).second) {
    was_taken = true;
    printed = print(std::string(name) + "-" + std::to_string(number++));
  }
  log_.push_back({std::string(name), printed, number_before});
  return printed;
}

void MemberNames::rewind(std::size_t mark) {
  while (log_.size() > mark) {
    taken_.erase(log_.back().printed);
    next_[log_.back().name] = log_.back().number_before;
    log_.pop_back();
  }
}

}  // namespace copybridge::plan
