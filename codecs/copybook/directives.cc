// Words of directive lines, and the conditions of >>IF.
#include "codecs/copybook/directives.h"

#include <algorithm>
#include <utility>

#include "codecs/copybook/token.h"

namespace copybridge::copybook {
namespace {

constexpr std::size_t kDepthMax = 100;

bool is_quote(char character) { return character == '\'' || character == '"'; }

/// The words of a line in upper case; literals keep their case and begin with a quote.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < line.size();) {
    const char first = line[i];
    if (first <= ' ' || first == '.' || first == '(' || first == ')') {
      ++i;
    } else if (is_quote(first)) {
      const std::size_t end = std::min(line.find(first, i + 1), line.size());
      words.push_back("'" + std::string(line.substr(i + 1, end - i - 1)));
      i = end + 1;
    } else if (std::string_view("=<>").find(first) != std::string_view::npos) {
      const std::size_t end = std::min(line.find_first_not_of("=<>", i), line.size());
      words.emplace_back(line.substr(i, end - i));
      i = end;
    } else {
      const std::size_t end = std::min(line.find_first_of(" \t.()=<>'\"", i), line.size());
      words.push_back(upper(line.substr(i, end - i)));
      i = std::max(end, i + 1);
    }
  }
  return words;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Less than 0, 0 or more than 0. Numbers compare as numbers.
int compare(const std::string& left, const std::string& right) {
  if (!is_number(left) || !is_number(right)) return left.compare(right);
  const auto a = std::stoull(left);
  const auto b = std::stoull(right);
  return a < b ? -1 : a > b ? 1 : 0;
}

/// One of `=`, `<`, `>`, `<=`, `>=`, `<>`; empty where no relation stands here.
std::string take_relation(const std::vector<std::string>& words, std::size_t& at) {
  if (at >= words.size()) return {};
  const std::string& word = words[at];
  if (std::string_view("=<>").find(word.front()) != std::string_view::npos) {
    ++at;
    return word;
  }
  const bool is_equal = word == "EQUAL" || word == "EQUALS";
  const bool is_less = word == "LESS";
  if (!is_equal && !is_less && word != "GREATER") return {};
  ++at;
  if (at < words.size() && (words[at] == "TO" || words[at] == "THAN")) ++at;
  return is_equal ? "=" : is_less ? "<" : ">";
}

}  // namespace

bool Directives::is_directive(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return false;
  const std::string_view text = line.substr(first);
  if (text.substr(0, 2) == ">>") return true;
  if (text.front() != '$') return false;
  // Sequence numbers may begin with `$`, too.
  const std::string word = upper(text.substr(1, text.find_first_of(" \t\"'(") - 1));
  return word == "SET" || word == "IF" || word == "ELSE" || word == "END" || word == "DISPLAY";
}

bool Directives::is_active() const {
  return std::all_of(branches_.begin(), branches_.end(),
                     [](const Branch& branch) { return branch.active; });
}

void Directives::wrong(std::string message) {
  report_.error({file_, line_, 1}, "copybook: " + std::move(message));
}

void Directives::take(std::string_view line, std::uint32_t number) {
  line_ = number;
  line.remove_prefix(line.find_first_of(">$"));
  line.remove_prefix(line.front() == '$' ? 1 : 2);
  const Words words = words_of(line);
  if (words.empty()) return;
  const std::string& name = words.front();
  if (name == "IF") return open(words);
  if (name == "ELSE") return otherwise(words);
  if (name == "ELIF" || name == "ELSE-IF") return otherwise_if(words);
  if (name == "EVALUATE") return open_evaluate(words);
  if (name == "WHEN") return when(words);
  if (name == "END-IF" || name == "END" || name == "END-EVALUATE") return close(words);
  if (!is_active()) return;
  if (name == "SOURCE" || name == "SET") return set_format(words);
  if (name == "DEFINE") return define(words);
}

void Directives::set_format(const Words& words) {
  const bool is_format = words[0] == "SOURCE" || (words.size() > 1 && words[1] == "SOURCEFORMAT");
  if (!is_format) return;
  const std::string last = upper(words.back());
  const std::string_view word = last[0] == '\'' ? std::string_view(last).substr(1) : last;
  if (word == "FREE") {
    format_ = SourceFormat::free;
  } else if (word == "FIXED") {
    format_ = SourceFormat::fixed;
  } else if (word == "VARIABLE") {
    format_ = SourceFormat::variable;
  } else {
    wrong("the source format is FREE, FIXED or VARIABLE");
  }
}

/// `NAME AS literal`, `NAME literal OVERRIDE`, `NAME OFF`, `NAME`; `CONSTANT NAME …`.
void Directives::define(const Words& words) {
  std::size_t at = 1;
  if (at < words.size() && words[at] == "CONSTANT") ++at;
  if (at >= words.size()) return wrong("DEFINE needs a name");
  const std::string& name = words[at++];
  if (at < words.size() && words[at] == "AS") ++at;
  if (at < words.size() && words[at] == "OFF") {
    constants_.erase(name);
    return;
  }
  if (at < words.size() && words[at] == "PARAMETER") return;
  std::string& constant = constants_[name];
  if (at < words.size()) constant = value(words[at]).value_or(words[at]);
}

void Directives::open(const Words& words) {
  if (branches_.size() >= kDepthMax) return wrong("conditions nest too deep");
  Branch branch;
  branch.line = line_;
  if (is_active()) {
    std::size_t at = 1;
    const auto holds = condition(words, at);
    if (!holds || at != words.size()) wrong("this condition is not understood");
    branch.active = holds.value_or(false);
  }
  branch.taken = branch.active;
  branches_.push_back(branch);
}

void Directives::open_evaluate(const Words& words) {
  if (branches_.size() >= kDepthMax) return wrong("conditions nest too deep");
  Branch branch;
  branch.line = line_;
  branch.is_evaluate = true;
  const bool is_true = words.size() == 2 && words[1] == "TRUE";
  if (is_active() && !is_true) {
    if (words.size() == 2) branch.subject = value(words[1]);
    if (!branch.subject) wrong("EVALUATE needs TRUE, a literal or a name that is defined");
  }
  branches_.push_back(std::move(branch));
}

bool Directives::begin_branch(const Words& words, bool is_evaluate, bool ends) {
  if (branches_.empty() || branches_.back().is_evaluate != is_evaluate) {
    wrong(words[0] + (is_evaluate ? " without EVALUATE" : " without IF"));
    return false;
  }
  Branch& branch = branches_.back();
  if (branch.ends) wrong(words[0] + " behind the branch for all other cases");
  branch.active = false;
  branch.ends = branch.ends || ends;
  return true;
}

// Of several branches that hold the first is compiled; that of all other cases always holds.
void Directives::choose(std::optional<bool> holds) {
  Branch& branch = branches_.back();
  branch.active = !branch.taken && holds.value_or(false);
  branch.taken = branch.taken || branch.active;
}

void Directives::otherwise(const Words& words) {
  if (begin_branch(words, false, true)) choose(true);
}

void Directives::otherwise_if(const Words& words) {
  if (!begin_branch(words, false, false)) return;
  branches_.back().active = true;
  const bool is_wanted = !branches_.back().taken && is_active();
  branches_.back().active = false;
  if (!is_wanted) return;
  std::size_t at = 1;
  const auto holds = condition(words, at);
  if (!holds || at != words.size()) wrong("this condition is not understood");
  choose(holds);
}

void Directives::when(const Words& words) {
  const bool is_other = words.size() == 2 && words[1] == "OTHER";
  if (!begin_branch(words, true, is_other)) return;
  branches_.back().active = true;
  const bool is_wanted = !branches_.back().taken && is_active();
  branches_.back().active = false;
  if (!is_wanted || is_other) return choose(is_wanted && is_other);
  std::size_t at = 1;
  std::optional<bool> holds;
  if (branches_.back().subject) {
    holds = is_subject(words);
  } else {
    holds = condition(words, at);
    if (at != words.size()) holds.reset();
  }
  if (!holds) wrong("this condition is not understood");
  choose(holds);
}

/// `WHEN 3`, `WHEN 'A' THRU 'F'`: whether the subject of the EVALUATE is meant.
std::optional<bool> Directives::is_subject(const Words& words) const {
  const bool is_range = words.size() == 4 && (words[2] == "THRU" || words[2] == "THROUGH");
  if (words.size() != 2 && !is_range) return {};
  const auto low = value(words[1]);
  const auto high = value(words.back());
  if (!low || !high) return {};
  const std::string& subject = *branches_.back().subject;
  return compare(subject, *low) >= 0 && compare(subject, *high) <= 0;
}

void Directives::close(const Words& words) {
  const bool closes_evaluate = words[0] == "END-EVALUATE";
  if (branches_.empty() || branches_.back().is_evaluate != closes_evaluate)
    return wrong(words[0] + (closes_evaluate ? " without EVALUATE" : " without IF"));
  branches_.pop_back();
}

void Directives::finish() {
  if (branches_.empty()) return;
  line_ = branches_.back().line;
  wrong(branches_.back().is_evaluate ? "this EVALUATE is not closed" : "this IF is not closed");
}

/// Relations joined by AND and OR, of which AND binds more strongly.
std::optional<bool> Directives::condition(const Words& words, std::size_t& at) {
  bool any = false;
  bool all = true;
  while (true) {
    const auto holds = relation(words, at);
    if (!holds) return {};
    all = all && *holds;
    const bool goes_on = at < words.size() && (words[at] == "AND" || words[at] == "OR");
    if (!goes_on) return any || all;
    if (words[at++] == "OR") {
      any = any || all;
      all = true;
    }
  }
}

std::optional<bool> Directives::relation(const Words& words, std::size_t& at) {
  bool is_negated = false;
  const auto accept = [&](std::string_view word) {
    if (at >= words.size() || words[at] != word) return false;
    ++at;
    return true;
  };
  if (accept("NOT")) is_negated = true;
  if (at >= words.size()) return {};
  const std::string& left = words[at++];
  accept("IS");
  if (accept("NOT")) is_negated = !is_negated;
  if (accept("DEFINED") || accept("SET")) return (constants_.count(left) > 0) != is_negated;
  const std::string relation = take_relation(words, at);
  if (relation.empty() || at >= words.size()) return {};
  const auto a = value(left);
  const auto b = value(words[at++]);
  if (!a || !b) return {};
  const int order = compare(*a, *b);
  const bool holds = (order < 0 && relation.find('<') != std::string::npos) ||
                     (order > 0 && relation.find('>') != std::string::npos) ||
                     (order == 0 && relation.find('=') != std::string::npos);
  return holds != is_negated;
}

/// Of a literal, a number or a constant.
std::optional<std::string> Directives::value(const std::string& word) const {
  if (word.front() == '\'') return word.substr(1);
  if (is_number(word)) return word;
  const auto found = constants_.find(word);
  if (found == constants_.end()) return {};
  return found->second;
}

}  // namespace copybridge::copybook
