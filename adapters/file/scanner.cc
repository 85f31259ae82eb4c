// Expansion of patterns with glob(3).
#include "adapters/file/scanner.h"

#include <dirent.h>
#include <fnmatch.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <string_view>
#include <system_error>
#include <unordered_set>

#include "adapters/file/finisher.h"

namespace copybridge::adapters::file {
namespace {

constexpr std::string_view kPrivatePrefix = ".copybridge-";

/// A pattern without wildcards may still have escapes.
std::string unescaped(std::string_view pattern) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    text += pattern[i];
  }
  return text;
}

/// Whether the pattern has no wildcard but escaped ones.
bool is_literal(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (std::string_view("*?[").find(pattern[i]) != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

struct GlobResult {
  GlobResult() = default;
  GlobResult(const GlobResult&) = delete;
  GlobResult& operator=(const GlobResult&) = delete;
  ~GlobResult() { ::globfree(&glob); }
  glob_t glob{};
};

std::vector<std::string> expand(const std::string& pattern) {
  if (is_literal(pattern)) return {unescaped(pattern)};
  GlobResult found;
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found.glob) != 0) return {};
  return {found.glob.gl_pathv, found.glob.gl_pathv + found.glob.gl_pathc};
}

struct Pattern {
  std::string folder;  ///< escaped, may hold wildcards
  std::string name;
};

Pattern split(const std::string& pattern) {
  const std::size_t slash = pattern.rfind('/');
  if (slash == std::string::npos) return {".", pattern};
  return {slash == 0 ? "/" : pattern.substr(0, slash), pattern.substr(slash + 1)};
}

bool is_target(const std::filesystem::path& folder, const Settings& settings) {
  const auto is_same = [&](const Disposal& disposal) {
    return disposal.kind == Disposal::Kind::move &&
           folder.lexically_normal() / "" == disposal.directory / "";
  };
  return is_same(settings.after) || is_same(settings.on_error);
}

/// Collects the files of one pattern.
class Collector {
 public:
  Collector(const Settings& settings, Listing& listing) : settings_(settings), listing_(listing) {}

  Result<void> add(const std::string& pattern) {
    const Pattern parts = split(pattern);
    const bool is_one_folder = is_literal(parts.folder);
    for (const std::string& folder : expand(parts.folder)) {
      if (is_target(folder, settings_)) continue;
      Result<void> added = is_literal(parts.name) ? add_named(folder, unescaped(parts.name))
                                                  : add_matching(folder, parts.name);
      // Folders that a wildcard found may go away again or be closed to us.
      if (!added && is_one_folder) return added;
      listing_.folders.insert(folder);
    }
    return {};
  }

 private:
  Result<void> add_named(const std::string& folder, const std::string& name) {
    if (::access(folder.c_str(), F_OK) != 0) return folder_failure(folder, errno);
    add_file(std::filesystem::path(folder) / name, true);
    return {};
  }

  Result<void> add_matching(const std::string& folder, const std::string& pattern) {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), &::closedir);
    if (stream == nullptr) return folder_failure(folder, errno);
    const std::filesystem::path base = folder;
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      const bool may_be_file = entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN;
      if (may_be_file && ::fnmatch(pattern.c_str(), entry->d_name, FNM_PERIOD) == 0) {
        add_file(base / entry->d_name, false);
      }
    }
    if (errno != 0) return folder_failure(folder, errno);
    return {};
  }

  void add_file(const std::filesystem::path& path, bool is_named) {
    const std::string& name = path.native();
    const std::string_view base = std::string_view(name).substr(name.rfind('/') + 1);
    if (base.starts_with(kPrivatePrefix)) return;
    if (!settings_.trigger.empty() && base.ends_with(settings_.trigger)) return;
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return;
    if (!S_ISREG(status.st_mode) && !is_named) return;
    if (!paths_.insert(name).second) return;
    listing_.files.push_back({path, signature_of(status)});
  }

  static Result<void> folder_failure(const std::string& folder, int number) {
    return fail(ErrorKind::source,
                "file: folder " + printable(std::string_view(folder)) +
                    " cannot be listed: " + std::generic_category().message(number));
  }

  const Settings& settings_;
  Listing& listing_;
  std::unordered_set<std::string> paths_;
};

/// `NAME` of `.copybridge-7-NAME`; empty where it is no private name.
std::string_view public_name(std::string_view name) {
  if (!name.starts_with(kPrivatePrefix)) return {};
  const std::size_t digits = kPrivatePrefix.size();
  const std::size_t dash = name.find_first_not_of("0123456789", digits);
  if (dash == std::string_view::npos || dash == digits || name[dash] != '-') return {};
  return name.substr(dash + 1);
}

void restore_in(const std::string& folder, const std::string& pattern,
                const std::set<std::filesystem::path>& known) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), &::closedir);
  if (stream == nullptr) return;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name(public_name(entry->d_name));
    const std::filesystem::path path = std::filesystem::path(folder) / entry->d_name;
    if (name.empty() || known.contains(path)) continue;
    if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    // Where the name is taken, the file stays as it is: nothing may be overwritten.
    static_cast<void>(rename_without_overwriting(path, path.parent_path() / name));
  }
}

}  // namespace

std::filesystem::path private_path(const std::filesystem::path& path, std::uint64_t arrival) {
  std::string name = std::string(kPrivatePrefix) + std::to_string(arrival) + "-";
  name += path.filename().native();
  if (name.size() > NAME_MAX) name.resize(NAME_MAX);
  return path.parent_path() / name;
}

Result<Listing> list_files(const Settings& settings) {
  Listing listing;
  Collector collector(settings, listing);
  for (const std::string& pattern : settings.patterns) {
    Result<void> added = collector.add(pattern);
    if (!added) return pass_on(added);
  }
  return listing;
}

void restore_unknown_private_files(const Settings& settings,
                                   const std::set<std::filesystem::path>& known) {
  for (const std::string& pattern : settings.patterns) {
    const Pattern parts = split(pattern);
    for (const std::string& folder : expand(parts.folder)) restore_in(folder, parts.name, known);
  }
}

}  // namespace copybridge::adapters::file
