// Mapping files from disk or text to a compiled Mapping.
#include "codecs/mapping/load.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <tuple>
#include <utility>
#include <vector>

#include "bridge/core/hash.h"
#include "codecs/mapping/alternatives.h"
#include "codecs/mapping/children.h"
#include "codecs/mapping/context.h"
#include "codecs/mapping/event.h"
#include "codecs/mapping/examples.h"
#include "codecs/mapping/fields.h"
#include "codecs/mapping/keys.h"
#include "codecs/mapping/message_readings.h"
#include "codecs/mapping/remembered_files.h"
#include "codecs/mapping/shape.h"

namespace copybridge::mapping {
namespace {

namespace fs = std::filesystem;

class DiskFiles : public Files {
 public:
  [[nodiscard]] bool is_folder(const fs::path& path) const override {
    std::error_code error;
    return fs::is_directory(path, error);
  }
  [[nodiscard]] std::optional<copybook::ParseOutcome> load_copybook(
      const fs::path& path, const copybook::ParseOptions& options) const override {
    std::error_code error;
    if (!fs::is_regular_file(path, error) || !std::ifstream(path)) return {};
    return copybook::load(path, options);
  }
};

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') ||
           std::string_view("._-").find(character) != std::string_view::npos;
  });
}

bool is_yes(const ConfigNode* node) {
  bool value = false;
  return node != nullptr && parse_boolean(node->scalar, value) && value;
}

/// Loads one mapping file, part by part; what one part needs of another stands in members.
class Loader {
 public:
  /// `form`: what a message says of its bytes, for a mapping that leaves it to messages.
  Loader(const SourceText& source, const fs::path& path, const Files& files,
         Diagnostics& diagnostics, const MessageForm* form = nullptr)
      : context_{source, nullptr, diagnostics}, path_(path), files_(files), form_(form) {}

  std::unique_ptr<Mapping> load(const ConfigNode& root) {
    options_ = read_options(root, mapping_keys(), {}, context_.diagnostics);
    context_.pages = read_page_options(options_, path_.parent_path());
    auto mapping = std::make_unique<Mapping>();
    mapping->file = path_;
    read_name(*mapping);
    read_place(*mapping);
    read_copybook(*mapping);
    mapping->options = read_shape(options_, context_.pages, context_.diagnostics);
    if (form_ != nullptr) apply_form(*mapping);
    const plan::PlanOptions shape = mapping->options;
    if (is_of("fields", ConfigNode::Type::map)) {
      mapping->options.rules = read_field_rules(options_.node("fields"), shape, context_);
      refuse_raw_beside_hidden(options_.node("fields"), mapping->options);
    }
    read_conditions(*mapping);
    compile_plan(*mapping);
    read_hierarchy(*mapping, shape);
    if (is_of("event", ConfigNode::Type::map)) {
      read_event(options_.node("event"), context_, *mapping);
    }
    if (form_ == nullptr && is_of("examples", ConfigNode::Type::list)) {
      mapping->examples = read_examples(options_.node("examples"), mapping->options.code_page,
                                        is_by_message(), options_.is_given("children"), context_);
    }
    return mapping;
  }

  [[nodiscard]] bool is_by_message() const {
    return has_scalar(options_, "codepage") && options_.text("codepage") == kFromMessage;
  }

  /// What the copybook's own parser found.
  Diagnostics take_copybook_findings() { return std::move(copybook_findings_); }

 private:
  void error(std::string_view key, std::string message, std::string hint = {}) {
    context_.diagnostics.error(options_.where(key), std::move(message), std::move(hint));
  }

  void apply_form(Mapping& mapping) {
    const Result<void> applied =
        apply(*form_, options_, context_.pages, mapping.layout.get(), mapping.options);
    if (!applied) error("codepage", applied.error().message);
  }

  /// Whether a structured key is given and has its type; another type is reported.
  bool is_of(std::string_view key, ConfigNode::Type type) {
    if (!options_.is_given(key)) return false;
    const ConfigNode& node = options_.node(key);
    if (node.type != type) {
      error(key, in_quotes(key) + " must be " + std::string(name_of(type)) + ", not " +
                     std::string(name_of(node.type)));
    }
    return node.type == type;
  }

  void read_name(Mapping& mapping) {
    if (!has_scalar(options_, "name")) return;
    mapping.name = options_.text("name");
    // An empty name is the option table's finding.
    if (!mapping.name.empty() && !is_name(mapping.name)) {
      error("name", "'name' must be of letters, digits, '.', '_' and '-'");
    }
  }

  void read_place(Mapping& mapping) {
    const std::string& place = options_.text("place");
    if (place == "header") mapping.place = framing::RecordPlace::header;
    if (place == "trailer") mapping.place = framing::RecordPlace::trailer;
    if (mapping.place != framing::RecordPlace::detail && options_.is_given("children"))
      error("place", "documents of several records have no place: header or trailer");
  }

  void read_copybook(Mapping& mapping) {
    parse_ = read_parse_options(options_, path_.parent_path(), files_, context_.pages,
                                context_.diagnostics);
    if (!has_scalar(options_, "copybook")) return;
    mapping.copybook_file = path_.parent_path() / options_.text("copybook");
    auto outcome = files_.load_copybook(mapping.copybook_file, parse_);
    if (!outcome) {
      return error("copybook",
                   "the copybook " + mapping.copybook_file.string() + " cannot be read");
    }
    mapping.copybook_hash = hash_of(outcome->sources);
    const bool is_whole = !outcome->diagnostics.has_errors();
    copybook_findings_ = std::move(outcome->diagnostics);
    if (is_whole) take_record(std::move(outcome->copybook), mapping);
  }

  void take_record(copybook::Copybook copybook, Mapping& mapping) {
    const bool has_name = has_scalar(options_, "record");
    mapping.layout =
        find_record(std::move(copybook), has_name ? options_.text("record") : std::string(),
                    options_.where(has_name ? "record" : "copybook"), context_.diagnostics);
    context_.layout = mapping.layout;
    if (mapping.layout == nullptr || !has_scalar(options_, "item")) return;
    mapping.layout = layout_of_alternative(options_.node("item"), context_, alternatives_);
    context_.layout = mapping.layout;
  }

  /// A raw copy of the record would carry what mask and drop are there to hide.
  void refuse_raw_beside_hidden(const ConfigNode& fields, plan::PlanOptions& shape) {
    if (!shape.keep_raw) return;
    for (const ConfigMember& member : fields.members) {
      const bool is_dropped = is_yes(member.value.find("drop"));
      if (!is_dropped && member.value.find("mask") == nullptr) continue;
      shape.keep_raw = false;  // said here once, where the key stands, and not by the plan
      return error("keep_raw", "'keep_raw' would publish what " + in_quotes(member.key) +
                                   " hides by " + (is_dropped ? "'drop'" : "'mask'"));
    }
  }

  void read_conditions(Mapping& mapping) {
    const condition::Reading reading = plan::reading_of(mapping.options);
    if (has_scalar(options_, "match")) {
      mapping.match = compile_condition(options_.node("match"), reading, context_);
    }
    if (is_of("match_source", ConfigNode::Type::map)) {
      mapping.match_source = SourceMatch::read(options_.node("match_source"), context_.diagnostics);
    }
    if (has_scalar(options_, "only_if")) {
      mapping.only_if = compile_condition(options_.node("only_if"), reading, context_);
    }
    if (is_of("redefines", ConfigNode::Type::list)) {
      for (plan::Alternative& alternative :
           read_alternatives(options_.node("redefines"), reading, context_))
        alternatives_.push_back(std::move(alternative));
    }
  }

  void compile_plan(Mapping& mapping) {
    if (context_.layout == nullptr || mapping.options.code_page == nullptr) return;
    warn_of_open_redefines(alternatives_, context_);
    warn_of_shown_masks(mapping.options.rules, alternatives_, context_);
    mapping.alternatives = alternatives_;
    mapping.plan = plan::Plan::compile(context_.layout, mapping.options, std::move(alternatives_),
                                       context_.diagnostics);
  }

  void read_hierarchy(Mapping& mapping, const plan::PlanOptions& shape) {
    if (!options_.is_given("children") || mapping.plan == nullptr) return;
    std::vector<SegmentType> types(1);
    types[0].name = mapping.name;
    types[0].match = mapping.match;
    types[0].plan = mapping.plan;
    types[0].layout = mapping.layout;
    types[0].alternatives = mapping.alternatives;
    types[0].options = mapping.options;
    if (mapping.match.is_empty()) {
      error("children", "'children' need a 'match', which tells the record they belong to");
    }
    const fs::path folder = path_.parent_path();
    read_children(options_.node("children"), 0,
                  {folder, files_, parse_, options_.text("copybook"), shape}, context_, types);
    mapping.hierarchy =
        std::make_shared<const Hierarchy>(std::move(types), mapping.options.keep_raw);
  }

  Context context_;
  copybook::ParseOptions parse_;
  const fs::path& path_;
  const Files& files_;
  const MessageForm* form_;
  Options options_;
  std::vector<plan::Alternative> alternatives_;
  Diagnostics copybook_findings_;
};

/// The mapping's text, and those of the code page tables that it names.
std::string sources_of(std::string_view text, const plan::PlanOptions& options) {
  std::string sources(text);
  if (options.code_page != nullptr) sources += options.code_page->source();
  for (const plan::FieldRule& rule : options.rules) {
    if (rule.code_page != nullptr) sources += rule.code_page->source();
  }
  return sources;
}

/// Reads the mapping again, from what it was read of, under what messages say.
MessageReadings::Compile compiler_of(const ConfigNode& root, std::string text, const fs::path& path,
                                     std::shared_ptr<const Files> files) {
  return [root, text = std::move(text), path,
          files = std::move(files)](const MessageForm& form) -> MessageReadings::Reading {
    Diagnostics found;
    const SourceText source(text);
    Loader loader(source, path, *files, found, &form);
    std::shared_ptr<const Mapping> mapping = loader.load(root);
    if (!found.has_errors()) return mapping;
    return fail(ErrorKind::bad_record, found.first_error(ErrorKind::bad_record).message);
  };
}

/// Hands findings on in the order in which their places stand, those of `first_file` first.
void append_sorted(const Diagnostics& found, const std::string& first_file,
                   Diagnostics& diagnostics) {
  std::vector<Diagnostic> all = found.all();
  const auto order = [&](const Diagnostic& diagnostic) {
    const Where& where = diagnostic.where;
    return std::make_tuple(where.file != first_file, std::cref(where.file), where.line,
                           where.column);
  };
  std::stable_sort(all.begin(), all.end(), [&](const Diagnostic& left, const Diagnostic& right) {
    return order(left) < order(right);
  });
  for (Diagnostic& diagnostic : all) {
    if (diagnostic.severity == Severity::error) {
      diagnostics.error(std::move(diagnostic.where), std::move(diagnostic.message),
                        std::move(diagnostic.hint));
    } else {
      diagnostics.warning(std::move(diagnostic.where), std::move(diagnostic.message),
                          std::move(diagnostic.hint));
    }
  }
}

}  // namespace

std::unique_ptr<const Mapping> load_node(const ConfigNode& root, std::string_view text,
                                         const fs::path& path, const Files& files,
                                         Diagnostics& diagnostics) {
  Diagnostics found;
  const SourceText source(text);
  const auto remembered = std::make_shared<RememberedFiles>(files);
  Loader loader(source, path, *remembered, found);
  std::unique_ptr<Mapping> mapping = loader.load(root);
  mapping->mapping_hash = hash_of(sources_of(text, mapping->options));
  MessageReadings::Compile compile;
  if (loader.is_by_message()) compile = compiler_of(root, std::string(text), path, remembered);
  remembered->forget_files();
  mapping->readings = std::make_shared<const MessageReadings>(std::move(compile));
  found.append(loader.take_copybook_findings());
  append_sorted(found, path.string(), diagnostics);
  return found.has_errors() ? nullptr : std::move(mapping);
}

std::unique_ptr<const Mapping> load_text(std::string_view text, const fs::path& path,
                                         const Files& files, Diagnostics& diagnostics) {
  Diagnostics found;
  ConfigNode root = parse_yaml(text, path.string(), found);
  const bool is_parsed = !found.has_errors();
  append_sorted(found, path.string(), diagnostics);
  if (!is_parsed) return nullptr;
  // An empty file has no place of its own.
  if (root.type == ConfigNode::Type::null) root.where = {path.string(), 1, 1};
  return load_node(root, text, path, files, diagnostics);
}

std::unique_ptr<const Mapping> load(const fs::path& path, Diagnostics& diagnostics) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  std::error_code error;
  if (!file || fs::is_directory(path, error)) {
    diagnostics.error({path.string(), 0, 0}, "the file cannot be read");
    return nullptr;
  }
  return load_text(content.str(), path, DiskFiles(), diagnostics);
}

}  // namespace copybridge::mapping
