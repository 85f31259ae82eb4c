// The way of a copybook: text, tokens, entries, layouts.
#include "codecs/copybook/parser.h"

#include <iterator>
#include <utility>

#include "codecs/copybook/builder.h"
#include "codecs/copybook/copy.h"
#include "codecs/copybook/entry_parser.h"
#include "codecs/copybook/file_text.h"
#include "codecs/copybook/programs.h"
#include "codecs/copybook/report.h"
#include "codecs/copybook/source_text.h"
#include "codecs/copybook/special_names.h"
#include "codecs/copybook/token.h"
#include "codecs/copybook/types.h"

namespace copybridge::copybook {
namespace {

// Of all programs of a text together; each has its own bound, too.
constexpr std::size_t kItemsMax = 100'000;

/// The name of the 01 that a copybook without one gets: its file's, in upper case.
std::string implied_name(const std::string& file_name) {
  const std::string stem = upper(std::filesystem::path(file_name).stem().string());
  return stem.empty() ? "RECORD" : stem;
}

ParseOutcome refuse(const std::string& file_name, std::string message) {
  ParseOutcome outcome;
  outcome.diagnostics.error({file_name, 0, 0}, std::move(message));
  return outcome;
}

ParseOutcome parse_file(std::string_view text, const std::filesystem::path& path,
                        const std::string& file_name, const ParseOptions& given) {
  if (text.size() > kTextMax) return refuse(file_name, "copybook: the text is too large");
  Sources sources;
  sources.names.push_back(file_name);
  sources.texts.push_back(text_of_file(text, given));
  const std::shared_ptr<const charset::CodePage> ebcdic = ebcdic_page_of(text, given);
  Report report(sources);
  ParseOutcome outcome;
  ExpansionBudget budget;
  std::size_t items = 0;
  for (const std::vector<SourceLine>& lines :
       split_programs(split_lines(sources.texts.front(), 0, given.source_format, report))) {
    const ParseOptions options =
        with_special_names(given, path, lines, ebcdic.get(), sources, report);
    const std::vector<Token> tokens = expand(path, lines, options, budget, sources, report);
    std::vector<Entry> entries = with_types(parse_entries(tokens, report), report);
    Copybook part = build(std::move(entries), implied_name(file_name), options, report);
    for (const Layout& record : part.records) items += record.items.size();
    if (items > kItemsMax) {
      report.error({0, lines.front().number, 1}, "copybook: more than 100,000 items");
      break;
    }
    std::move(part.records.begin(), part.records.end(),
              std::back_inserter(outcome.copybook.records));
  }
  if (outcome.copybook.records.empty() && !report.has_errors()) {
    report.error({0, 1, 1}, "copybook: there are no data description entries in this text");
  }
  outcome.diagnostics = report.in_order();
  for (const std::string& part : sources.texts) outcome.sources += part;
  return outcome;
}

}  // namespace

ParseOutcome parse(std::string_view text, const std::string& file_name,
                   const ParseOptions& options) {
  return parse_file(text, {}, file_name, options);
}

ParseOutcome load(const std::filesystem::path& path, const ParseOptions& options) {
  const auto text = read_text(path, kTextMax);
  if (!text) return refuse(path.string(), text.error().message);
  // Members that lie beside the copybook are found without naming their folder.
  ParseOptions with_folder = options;
  with_folder.libraries.push_back(path.has_parent_path() ? path.parent_path() : ".");
  return parse_file(*text, path, path.string(), with_folder);
}

}  // namespace copybridge::copybook
