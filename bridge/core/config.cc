// YAML text to a tree with places, through yaml-cpp's events: its own node tree hides duplicate
// keys.
#include "bridge/core/config.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace copybridge {
namespace {

constexpr std::size_t kDepthMax = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Builds the tree from the parser's events. A frame is a list or map that is still open.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, std::string file_name, Diagnostics& diagnostics)
      : text_(text), file_name_(std::move(file_name)), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    ConfigNode node;
    node.scalar = null_word(static_cast<std::size_t>(mark.pos));
    node.where = where(mark);
    place(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    diagnostics_.error(where(mark), "yaml: aliases are not allowed here");
    OnNull(mark, {});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    ConfigNode node;
    node.type = ConfigNode::Type::scalar;
    node.is_quoted = tag == "!";
    node.scalar = value;
    node.where = where(mark);
    place(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(ConfigNode::Type::list, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(ConfigNode::Type::map, mark);
  }
  void OnMapEnd() override { close(); }

  ConfigNode take_root() { return std::move(root_); }

 private:
  struct Frame {
    ConfigNode node;
    bool has_key = false;
    ConfigMember member;
  };

  Where where(const YAML::Mark& mark) const {
    return {file_name_, static_cast<std::uint32_t>(mark.line + 1),
            static_cast<std::uint32_t>(mark.column + 1)};
  }

  /// The word for nothing that stands at a position of the text; empty where nothing does.
  std::string null_word(std::size_t position) const {
    if (position >= text_.size()) return {};
    const std::string_view rest = text_.substr(position);
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n,]}#"));
    const bool is_null = word == "null" || word == "Null" || word == "NULL" || word == "~";
    return is_null ? std::string(word) : std::string{};
  }

  void open(ConfigNode::Type type, const YAML::Mark& mark) {
    if (frames_.size() >= kDepthMax) throw YAML::ParserException(mark, "nested too deeply");
    Frame frame;
    frame.node.type = type;
    frame.node.where = where(mark);
    frames_.push_back(std::move(frame));
  }

  void close() {
    ConfigNode node = std::move(frames_.back().node);
    frames_.pop_back();
    place(std::move(node));
  }

  void place(ConfigNode node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.type == ConfigNode::Type::list) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      take_key(frame, std::move(node));
    } else {
      // The parser's mark of a value that was left out is that of whatever comes next.
      if (node.type == ConfigNode::Type::null && node.scalar.empty()) {
        node.where = frame.member.where;
      }
      frame.member.value = std::move(node);
      frame.node.members.push_back(std::move(frame.member));
      frame.has_key = false;
    }
  }

  void take_key(Frame& frame, ConfigNode node) {
    if (node.type != ConfigNode::Type::scalar) {
      diagnostics_.error(node.where, "yaml: a key must be a word");
    } else if (frame.node.find(node.scalar) != nullptr) {
      diagnostics_.error(node.where, "yaml: key '" + node.scalar + "' stands here twice");
    }
    frame.member = ConfigMember{std::move(node.scalar), std::move(node.where), {}};
    frame.has_key = true;
  }

  std::string_view text_;
  std::string file_name_;
  Diagnostics& diagnostics_;
  std::vector<Frame> frames_;
  ConfigNode root_;
};

/// The parser guesses UTF-16 and UTF-32 from a first zero byte or mark; places would then be of
/// another text than the one that was written.
bool is_utf16(std::string_view text) {
  return text.find('\0') != std::string_view::npos || text.starts_with("\xFE\xFF") ||
         text.starts_with("\xFF\xFE");
}

/// The parser's own mistakes may be marked behind the end of a text that breaks off.
Where place_of(const YAML::Mark& mark, std::string_view text, const std::string& file_name) {
  std::uint32_t line = 1;
  for (std::size_t end = text.find('\n');
       line <= static_cast<std::uint32_t>(mark.line) && end != std::string_view::npos;
       end = text.find('\n')) {
    text.remove_prefix(end + 1);
    ++line;
  }
  const auto column =
      std::min(static_cast<std::size_t>(mark.column), std::min(text.find('\n'), text.size()));
  return {file_name, line, static_cast<std::uint32_t>(column + 1)};
}

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t i = 0; i <= right.size(); ++i) row[i] = i;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t change = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[right.size()];
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view key) const {
  for (const ConfigMember& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

ConfigNode parse_yaml(std::string_view text, const std::string& file_name,
                      Diagnostics& diagnostics) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (is_utf16(text)) {
    diagnostics.error({file_name, 1, 1}, "yaml: the file is not UTF-8 text");
    return {};
  }
  std::istringstream stream{std::string(text)};
  TreeBuilder builder(text, file_name, diagnostics);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return {};
    TreeBuilder rest(text, file_name, diagnostics);
    if (parser.HandleNextDocument(rest)) {
      diagnostics.error({file_name, 1, 1}, "yaml: the file holds more than one document");
    }
  } catch (const YAML::Exception& error) {
    diagnostics.error(place_of(error.mark, text, file_name), "yaml: " + error.msg);
  }
  return builder.take_root();
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return {};
  std::string text;
  std::array<char, 16384> piece;
  do {
    file.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  } while (file);
  // A directory can be opened, but not read.
  if (file.bad()) return {};
  return text;
}

ConfigNode load_yaml(const std::filesystem::path& path, Diagnostics& diagnostics,
                     std::string* text) {
  const std::optional<std::string> read = read_file(path);
  if (!read) {
    diagnostics.error({path.string(), 0, 0}, "the file cannot be read");
    return {};
  }
  if (text != nullptr) *text = *read;
  return parse_yaml(*read, path.string(), diagnostics);
}

std::string_view name_of(ConfigNode::Type type) {
  switch (type) {
    case ConfigNode::Type::null:
      return "nothing";
    case ConfigNode::Type::scalar:
      return "a single value";
    case ConfigNode::Type::list:
      return "a list";
    case ConfigNode::Type::map:
      return "a map";
  }
  return "nothing";
}

std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t best_distance = 1 + word.size() / 3;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance <= best_distance && (best.empty() || distance < best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return std::string(best);
}

}  // namespace copybridge
