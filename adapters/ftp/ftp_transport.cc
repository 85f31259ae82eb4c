// Which commands make what is asked of a transport.
#include "adapters/ftp/ftp_transport.h"

#include <algorithm>
#include <charconv>

#include "adapters/ftp/block_end.h"
#include "adapters/ftp/listing.h"

namespace copybridge::adapters::ftp {
namespace {

using remote::FetchEnd;
using remote::RemoteFile;
using transfer::Answer;
using transfer::Call;
using transfer::Failure;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// Times of that many `ls -l` lines are kept.
constexpr std::size_t kTimesMax = 100'000;
constexpr int kFtpNothing = 550;
constexpr int kFtpNotImplementedFirst = 500;
constexpr int kFtpNotImplementedLast = 504;

std::string folder_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash + 1);
}

std::string base_of(const std::string& name) { return name.substr(folder_of(name).size()); }

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?[%") != std::string_view::npos;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// `HLQ.PDS(MEM)` apart; no member where there are no parentheses.
struct DataSetName {
  std::string data_set;
  std::string member;
};

DataSetName split(const std::string& quoted) {
  const std::string bare = quoted.substr(1, quoted.size() - 2);
  const std::size_t open = bare.find('(');
  if (open == std::string::npos || !bare.ends_with(')')) return {bare, {}};
  return {bare.substr(0, open), bare.substr(open + 1, bare.size() - open - 2)};
}

/// `0`, `-1`: a generation counted from the newest.
std::optional<int> relative_generation(std::string_view member) {
  int number = 0;
  const char* end = member.data() + member.size();
  const auto [stopped, error] = std::from_chars(member.data(), end, number);
  if (error != std::errc() || stopped != end || number > 0) return std::nullopt;
  return number;
}

std::string job_of(const std::string& spool_file) {
  return spool_file.substr(0, spool_file.find('.'));
}

}  // namespace

FtpTransport::FtpTransport(transfer::FtpServer server, JesFilter jes)
    : server_(std::move(server)), jes_(std::move(jes)), session_(server_.settings) {}

Result<Answer> FtpTransport::perform(const Call& call) {
  const Result<transfer::Credentials> credentials = server_.login.credentials();
  if (!credentials) return pass_on(credentials);
  Answer answer = session_.perform(call, *credentials);
  const std::string_view unknown = transfer::unknown_site_word(answer);
  if (!unknown.empty()) {
    return fail(ErrorKind::peer_refused,
                "ftp: the server does not know a word of 'site': " + std::string(unknown));
  }
  return answer;
}

Result<std::vector<RemoteFile>> FtpTransport::list(const std::string& pattern) {
  if (jes_.is_on) return list_jobs(pattern);
  if (transfer::is_data_set(pattern)) return list_data_sets(pattern);
  const std::string name = base_of(pattern);
  if (has_wildcard(name)) return list_folder(folder_of(pattern), name);
  const Result<std::optional<RemoteFile>> file = look(pattern);
  if (!file) return pass_on(file);
  return *file ? Files{**file} : Files{};
}

/// The text of a listing, empty where the server says that there is nothing.
Result<std::string> FtpTransport::list_text(const Call& call, const std::string& what) {
  Result<Answer> answer = perform(call);
  if (!answer) return pass_on(answer);
  const bool is_nothing = answer->failure == Failure::missing ||
                          (answer->failure == Failure::declined && answer->status == kFtpNothing);
  if (is_nothing) return std::string();
  if (answer->failure != Failure::none) return remote::failed("ftp: listing " + what, *answer);
  return std::move(answer->body);
}

/// MLSD says everything at once; where the server has none, what `ls -l` says.
Result<std::string> FtpTransport::folder_text(const std::string& folder, Parser& parse) {
  Call call{.url = server_.url_of(folder)};
  if (has_mlsd_ && !server_.is_sftp) {
    Call mlsd = call;
    mlsd.method = "MLSD";
    parse = &parse_mlsd;
    const Result<Answer> answer = perform(mlsd);
    if (!answer) return pass_on(answer);
    has_mlsd_ = answer->status < kFtpNotImplementedFirst || answer->status > kFtpNotImplementedLast;
    if (answer->failure == Failure::none) return answer->body;
    // Some servers have it and do not allow it: LIST then says what is wrong, or nothing is.
    if (answer->status < kFtpNotImplementedFirst) {
      return remote::failed("ftp: listing " + folder, *answer);
    }
  }
  parse = &parse_unix;
  const Result<Answer> answer = perform(call);
  if (!answer) return pass_on(answer);
  if (answer->failure != Failure::none) return remote::failed("ftp: listing " + folder, *answer);
  return answer->body;
}

Result<std::vector<RemoteFile>> FtpTransport::list_folder(const std::string& folder,
                                                          const std::string& pattern) {
  Parser parse = nullptr;
  const Result<std::string> text = folder_text(folder, parse);
  if (!text) return pass_on(text);
  Files files;
  for (const std::string& line : lines_of(*text)) {
    std::optional<RemoteFile> file = parse(line);
    // A server that puts folders before names is not followed out of the one that was asked for.
    if (!file || file->name.find('/') != std::string::npos) continue;
    if (!remote::matches(pattern, file->name)) continue;
    file->name.insert(0, folder);
    std::string key = folder;
    key.append(1, '\0').append(line);
    const Result<void> timed = add_time(key, *file);
    if (!timed) return pass_on(timed);
    files.push_back(std::move(*file));
  }
  return files;
}

/// The time to the second, asked for once for each `ls -l` line.
Result<void> FtpTransport::add_time(const std::string& line, RemoteFile& file) {
  if (file.time_ns != 0) return {};
  if (const auto known = times_.find(line); known != times_.end()) {
    file.time_ns = known->second;
    return {};
  }
  const Result<std::optional<RemoteFile>> exact = look(file.name);
  if (!exact) return pass_on(exact);
  if (*exact) file = **exact;
  if (times_.size() >= kTimesMax) times_.clear();
  times_[line] = file.time_ns;
  return {};
}

Result<std::optional<RemoteFile>> FtpTransport::look(const std::string& name) {
  if (jes_.is_on || transfer::is_data_set(name)) {
    const Result<Files> files = jes_.is_on ? list_jobs("*") : list_data_sets(name);
    if (!files) return pass_on(files);
    const auto found = std::ranges::find(*files, name, &RemoteFile::name);
    return found == files->end() ? std::optional<RemoteFile>() : std::optional(*found);
  }
  const Result<Answer> answer = perform({.url = server_.url_of(name), .needs_no_body = true});
  if (!answer) return pass_on(answer);
  if (answer->failure == Failure::missing) return std::optional<RemoteFile>();
  if (answer->failure != Failure::none) return remote::failed("ftp: looking at " + name, *answer);
  RemoteFile file{.name = name};
  file.time_ns = answer->time_s.value_or(0) * kNanosecondsPerSecond;
  file.is_size_exact = answer->size.has_value() && server_.type == transfer::DataType::binary &&
                       !server_.is_block_mode;
  file.size = answer->size.value_or(0);
  return std::optional(std::move(file));
}

Result<std::vector<RemoteFile>> FtpTransport::list_data_sets(const std::string& pattern) {
  const DataSetName name = split(pattern);
  if (const auto generation = relative_generation(name.member)) {
    return list_generation(name.data_set, *generation);
  }
  if (!name.member.empty()) return list_members(name.data_set, name.member);
  const Result<std::string> text =
      list_text({.url = server_.url_of(""), .method = "LIST " + pattern}, pattern);
  if (!text) return pass_on(text);
  Files files;
  for (const std::string& line : lines_of(*text)) {
    std::optional<RemoteFile> file = parse_data_set(line);
    if (!file) continue;
    const std::string found = file->name.substr(1, file->name.size() - 2);
    if (matches_data_set(name.data_set, found)) files.push_back(std::move(*file));
  }
  return files;
}

Result<std::vector<RemoteFile>> FtpTransport::list_members(const std::string& data_set,
                                                           const std::string& pattern) {
  const Result<std::string> text =
      list_text({.url = server_.url_of(""), .method = "LIST", .before = {"CWD '" + data_set + "'"}},
                "'" + data_set + "'");
  if (!text) return pass_on(text);
  Files files;
  for (const std::string& line : lines_of(*text)) {
    std::optional<RemoteFile> file = parse_member(line, data_set);
    if (file && matches_data_set(pattern, split(file->name).member)) {
      files.push_back(std::move(*file));
    }
  }
  return files;
}

/// A relative number means another generation tomorrow: the file is known by its absolute name.
Result<std::vector<RemoteFile>> FtpTransport::list_generation(const std::string& base,
                                                              int generation) {
  Result<Files> files = list_data_sets("'" + base + ".G%%%%V%%'");
  if (!files) return files;
  std::ranges::sort(*files, {}, &RemoteFile::name);
  const auto back = static_cast<std::size_t>(-generation);
  if (back >= files->size()) return Files{};
  return Files{(*files)[files->size() - 1 - back]};
}

std::vector<std::string> FtpTransport::jes_commands(const std::string& job) const {
  std::vector<std::string> commands = {"SITE FILETYPE=JES", "SITE JESJOBNAME=" + job,
                                       "SITE JESSTATUS=OUTPUT"};
  commands.push_back("SITE JESOWNER=" + (jes_.owner.empty() ? "*" : jes_.owner));
  return commands;
}

Result<std::vector<RemoteFile>> FtpTransport::list_jobs(const std::string& pattern) {
  const Result<std::string> text =
      list_text({.url = server_.url_of(""), .method = "LIST", .before = jes_commands(pattern)},
                "jobs " + pattern);
  if (!text) return pass_on(text);
  Files files;
  for (const std::string& line : lines_of(*text)) {
    std::optional<RemoteFile> file = parse_job(line);
    if (file && matches_data_set(pattern, file->version)) files.push_back(std::move(*file));
  }
  return files;
}

Call FtpTransport::fetch_call(const std::string& name, std::uint64_t offset) const {
  Call call{.url = server_.url_of(name), .resume_from = offset};
  if (server_.is_sftp) return call;
  if (jes_.is_on) call.before = jes_commands("*");
  for (std::string& command : server_.site_commands()) call.before.push_back(std::move(command));
  call.between = server_.mode_commands();
  call.after = server_.plain_commands();
  call.is_text = server_.type == transfer::DataType::text;
  // z/OS knows no size of data sets and spool files, and libcurl would give up.
  call.has_no_size = jes_.is_on || transfer::is_data_set(name) || !call.between.empty();
  return call;
}

Result<FetchEnd> FtpTransport::fetch(const std::string& name, std::uint64_t offset,
                                     const transfer::Sink& sink) {
  Call call = fetch_call(name, offset);
  // Only bytes as they lie in the file can be counted from its start.
  if (offset > 0 && (call.has_no_size || call.is_text)) return FetchEnd::no_resume;
  BlockEnd block;
  bool is_written = true;
  call.sink = [&](ByteView bytes) {
    is_written = sink(bytes);
    // What follows the end of the file would be waited for until the stall timeout.
    const bool has_ended = server_.is_block_mode && block.add(bytes);
    return is_written && !has_ended;
  };
  const Result<Answer> answer = perform(call);
  if (!answer) return pass_on(answer);
  if (is_written && block.has_ended()) return FetchEnd::whole;
  if (answer->failure == Failure::no_resume) return FetchEnd::no_resume;
  if (answer->failure == Failure::none && !server_.is_block_mode) return FetchEnd::whole;
  if (answer->failure == Failure::none) {
    return fail(ErrorKind::source, "ftp: fetching " + name + ": it ends without its EOF block");
  }
  if (answer->failure != Failure::missing) return remote::failed("ftp: fetching " + name, *answer);
  // The same number says that it is in use, or may not be read.
  const Result<std::optional<RemoteFile>> there = look(name);
  if (!there) return pass_on(there);
  if (*there) return remote::failed("ftp: fetching " + name, *answer);
  return FetchEnd::missing;
}

std::string FtpTransport::moved_name(const std::string& name, const std::string& folder) const {
  if (!transfer::is_data_set(name)) return folder + "/" + base_of(name);
  // `'HLQ.IN.A'` to `HLQ.DONE`: its last qualifier stays. The folder may be written in quotes.
  const std::string bare =
      transfer::is_data_set(folder) ? folder.substr(1, folder.size() - 2) : folder;
  const std::string data_set = split(name).data_set;
  return "'" + bare + "." + data_set.substr(data_set.rfind('.') + 1) + "'";
}

std::string FtpTransport::suffixed_name(const std::string& name, const std::string& suffix) const {
  if (!transfer::is_data_set(name)) return name + suffix;
  return name.substr(0, name.size() - 1) + suffix + "'";
}

Result<void> FtpTransport::command(const std::vector<std::string>& commands,
                                   const std::string& what) {
  const Result<Answer> answer = perform({.url = server_.url_of(server_.is_sftp ? "/" : ""),
                                         .before = commands,
                                         .needs_no_body = true});
  if (!answer) return pass_on(answer);
  if (answer->failure != Failure::none) return remote::failed("ftp: " + what, *answer);
  return {};
}

Result<void> FtpTransport::rename(const std::string& from, const std::string& to) {
  return command(server_.rename_commands(from, to), "renaming " + from + " to " + to);
}

Result<void> FtpTransport::remove(const std::string& name) {
  if (!jes_.is_on) return command(server_.remove_commands(name), "deleting " + name);
  return command({"SITE FILETYPE=JES", "DELE " + job_of(name)}, "purging " + name);
}

}  // namespace copybridge::adapters::ftp
