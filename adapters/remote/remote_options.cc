// Names on servers are taken as they are written: no folder of this machine stands before them.
#include "adapters/remote/remote_options.h"

#include <array>

#include "bridge/transfer/ftp.h"

namespace copybridge::adapters::remote {
namespace {

constexpr std::array kRemoteOptions = {
    OptionSpec{.name = "path",
               .type = OptionType::text_list,
               .required = true,
               .help = "Files to read: a path or list of paths with *, ? and [] in the file name, "
                       "data set names in quotes such as 'HLQ.ACCT.*', members "
                       "'HLQ.PDS(A*)', generations 'HLQ.GDG(0)'."},
    OptionSpec{.name = "after",
               .type = OptionType::text,
               .default_value = "keep",
               .help = "What becomes of a file whose records are all settled: keep, delete, move "
                       "FOLDER (of a data set: its first qualifiers) or rename SUFFIX."},
    OptionSpec{.name = "on_error",
               .type = OptionType::text,
               .default_value = "keep",
               .help = "What becomes of a file whose framing is broken or whose trailer does not "
                       "match: keep, move FOLDER or rename SUFFIX."},
};

/// A folder with or without `/` at its end is the same.
file::Disposal trimmed(file::Disposal disposal) {
  std::string name = disposal.directory.native();
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  disposal.directory = name;
  return disposal;
}

}  // namespace

std::span<const OptionSpec> remote_options() { return kRemoteOptions; }

file::Settings read_remote_settings(const AdapterContext& context, const Options& options,
                                    Diagnostics& diagnostics) {
  file::Settings settings = file::read_arrival_settings(context, options, diagnostics);
  settings.patterns = options.list("path");
  for (const std::string& pattern : settings.patterns) {
    if (!pattern.empty() && !pattern.ends_with('/') && transfer::is_sendable(pattern)) continue;
    diagnostics.error(options.where("path"), "'path' names no file: '" + pattern + "'");
  }
  if (settings.patterns.empty()) diagnostics.error(options.where("path"), "'path' is empty");
  settings.after = trimmed(file::read_disposal(options, "after", true, diagnostics));
  settings.on_error = trimmed(file::read_disposal(options, "on_error", true, diagnostics));
  for (const auto* disposal : {&settings.after, &settings.on_error}) {
    if (transfer::is_sendable(disposal->directory.native())) continue;
    diagnostics.error(options.where("after"), "a name has control characters");
  }
  return settings;
}

}  // namespace copybridge::adapters::remote
