// Which requests make what is asked of a transport.
#include "adapters/zosmf/zosmf_transport.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "adapters/ftp/listing.h"
#include "bridge/core/log.h"
#include "bridge/core/percent.h"
#include "bridge/transfer/ftp.h"

namespace copybridge::adapters::zosmf {
namespace {

using remote::FetchEnd;
using remote::RemoteFile;
using transfer::Answer;
using transfer::Call;
using transfer::Failure;

constexpr int kNotModified = 304;
constexpr int kNothingBehindOffset = 416;
constexpr std::size_t kTimeDigits = 14;

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?[%") != std::string_view::npos;
}

struct DataSetName {
  std::string data_set;
  std::string member;
};

DataSetName split(const std::string& name) {
  const std::size_t open = name.find('(');
  if (open == std::string::npos || !name.ends_with(')')) return {name, {}};
  return {name.substr(0, open), name.substr(open + 1, name.size() - open - 2)};
}

std::string_view text_of(const simdjson::dom::element& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

/// `2026/11/27` `15:21` `05`, or `2026-11-27T15:21:05`: the digits say it all.
std::int64_t time_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9' && digits.size() < kTimeDigits) digits += c;
  }
  if (digits.size() >= 8) digits.resize(kTimeDigits, '0');
  return ftp::parse_time(digits).value_or(0);
}

/// Calls `take` for each object of an array, which is the text itself or its member `items`.
Result<void> for_each(const std::string& text, std::string_view what, bool has_items,
                      const std::function<void(const simdjson::dom::element&)>& take) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  simdjson::dom::array items;
  bool is_good = parser.parse(text).get(json) == simdjson::SUCCESS;
  is_good =
      is_good && (has_items ? json["items"].get(items) : json.get(items)) == simdjson::SUCCESS;
  if (!is_good) {
    return fail(ErrorKind::source, "zosmf: the answer to " + std::string(what) + " is no list");
  }
  for (const simdjson::dom::element item : items) take(item);
  return {};
}

}  // namespace

ZosmfTransport::ZosmfTransport(transfer::ZosmfServer server, JobFilter jobs, bool is_kept_by_etag)
    : server_(std::move(server)),
      jobs_(std::move(jobs)),
      is_kept_by_etag_(is_kept_by_etag),
      session_(server_.settings) {}

Result<Answer> ZosmfTransport::perform(Call call) {
  const Result<void> completed = server_.complete(call);
  if (!completed) return pass_on(completed);
  const Result<transfer::Credentials> credentials = server_.credentials();
  if (!credentials) return pass_on(credentials);
  Answer answer = session_.perform(call, *credentials);
  if (answer.failure != Failure::none) answer.message += transfer::zosmf_reason(answer);
  return answer;
}

Result<std::string> ZosmfTransport::get_json(const std::string& path, const std::string& what,
                                             std::vector<std::string> headers) {
  Result<Answer> answer = perform({.url = path, .headers = std::move(headers)});
  if (!answer) return pass_on(answer);
  if (answer->failure == Failure::missing) return std::string(R"({"items":[]})");
  if (answer->failure != Failure::none) return remote::failed("zosmf: listing " + what, *answer);
  return std::move(answer->body);
}

Result<std::vector<RemoteFile>> ZosmfTransport::list(const std::string& pattern) {
  if (jobs_.is_on) return list_jobs(pattern);
  if (pattern.starts_with('/')) {
    return list_folder(folder_of(pattern), pattern.substr(folder_of(pattern).size()));
  }
  const DataSetName name = split(pattern);
  Result<Files> files = name.member.empty() ? list_data_sets(name.data_set)
                                            : list_members(name.data_set, name.member);
  if (!files || !is_kept_by_etag_) return files;
  const Result<void> versioned = add_versions(*files);
  if (!versioned) return pass_on(versioned);
  return files;
}

Result<std::vector<RemoteFile>> ZosmfTransport::list_data_sets(const std::string& pattern) {
  const Result<std::string> text =
      get_json("/zosmf/restfiles/ds?dslevel=" + percent_encoded(pattern, "*%"), pattern,
               {"X-IBM-Max-Items: 0", "X-IBM-Attributes: base"});
  if (!text) return pass_on(text);
  Files files;
  const Result<void> read = for_each(*text, pattern, true, [&](const auto& item) {
    const std::string name(text_of(item, "dsname"));
    const bool is_migrated = text_of(item, "migr") == "YES";
    const bool is_sequential = text_of(item, "dsorg").starts_with("PS") || is_migrated;
    if (is_sequential && transfer::is_sendable(name) && ftp::matches_data_set(pattern, name)) {
      files.push_back({.name = name});
    }
  });
  if (!read) return pass_on(read);
  return files;
}

Result<std::vector<RemoteFile>> ZosmfTransport::list_members(const std::string& data_set,
                                                             const std::string& pattern) {
  const Result<std::string> text = get_json(server_.resource_of(data_set) + "/member", data_set,
                                            {"X-IBM-Max-Items: 0", "X-IBM-Attributes: base"});
  if (!text) return pass_on(text);
  Files files;
  const Result<void> read = for_each(*text, data_set, true, [&](const auto& item) {
    const std::string_view member = text_of(item, "member");
    if (!transfer::is_sendable(member) || !ftp::matches_data_set(pattern, member)) return;
    RemoteFile file{.name = data_set + "(" + std::string(member) + ")"};
    file.time_ns =
        time_of(std::string(text_of(item, "m4date")) + std::string(text_of(item, "mtime")) +
                std::string(text_of(item, "msec")));
    files.push_back(std::move(file));
  });
  if (!read) return pass_on(read);
  return files;
}

Result<std::vector<RemoteFile>> ZosmfTransport::list_folder(const std::string& folder,
                                                            const std::string& pattern) {
  const std::string path = folder.size() > 1 ? folder.substr(0, folder.size() - 1) : folder;
  const Result<std::string> text = get_json(
      "/zosmf/restfiles/fs?path=" + percent_encoded(path, "/"), folder, {"X-IBM-Max-Items: 0"});
  if (!text) return pass_on(text);
  Files files;
  const Result<void> read = for_each(*text, folder, true, [&](const auto& item) {
    const std::string name(text_of(item, "name"));
    if (!text_of(item, "mode").starts_with('-') || !transfer::is_sendable(name) ||
        name.find('/') != std::string::npos) {
      return;
    }
    if (has_wildcard(pattern) ? !remote::matches(pattern, name) : pattern != name) return;
    RemoteFile file{.name = folder + name};
    file.is_size_exact = item["size"].get(file.size) == simdjson::SUCCESS;
    file.time_ns = time_of(text_of(item, "mtime"));
    files.push_back(std::move(file));
  });
  if (!read) return pass_on(read);
  return files;
}

Result<std::vector<RemoteFile>> ZosmfTransport::list_jobs(const std::string& pattern) {
  const std::string owner = jobs_.owner.empty() ? "*" : jobs_.owner;
  const Result<std::string> text =
      get_json("/zosmf/restjobs/jobs?owner=" + percent_encoded(owner, "*") +
                   "&prefix=" + percent_encoded(pattern, "*") + "&status=*",
               "jobs " + pattern);
  if (!text) return pass_on(text);
  Files files;
  const Result<void> read = for_each(*text, "jobs", false, [&](const auto& item) {
    const std::string name(text_of(item, "jobname"));
    const std::string id(text_of(item, "jobid"));
    if (text_of(item, "status") != "OUTPUT" || !ftp::matches_data_set(pattern, name)) return;
    if (!transfer::is_sendable(name + id) || (name + id).find('/') != std::string::npos) return;
    files.push_back({.name = name + "/" + id, .version = std::string(text_of(item, "owner"))});
  });
  if (!read) return pass_on(read);
  return files;
}

/// Of what has no time the ETag says whether it is the same. It costs a read, so that it is only
/// asked for where it matters: of what was fetched in this run, before that is deleted or moved, or
/// of everything where the options say so.
Result<void> ZosmfTransport::add_versions(Files& files) {
  for (RemoteFile& file : files) {
    if (file.time_ns != 0) continue;
    const auto known = etags_.find(file.name);
    if (known == etags_.end() && !is_kept_by_etag_) continue;
    const std::string before = known == etags_.end() ? std::string() : known->second;
    Result<std::string> now = etag_of(file.name);
    if (!now) return pass_on(now);
    // Without the option a listing has no versions to compare with.
    if (is_kept_by_etag_ || *now != before) file.version = std::move(*now);
  }
  return {};
}

/// The ETag as it is now; the contents are not looked at.
Result<std::string> ZosmfTransport::etag_of(const std::string& name) {
  Call call{.url = server_.resource_of(name), .headers = server_.data_headers(name)};
  call.headers.emplace_back("X-IBM-Return-Etag: true");
  const auto known = etags_.find(name);
  if (known != etags_.end()) call.headers.push_back("If-None-Match: " + known->second);
  call.sink = [](ByteView) { return true; };
  const Result<Answer> answer = perform(std::move(call));
  if (!answer) return pass_on(answer);
  if (answer->failure != Failure::none) return remote::failed("zosmf: looking at " + name, *answer);
  if (answer->status == kNotModified && known != etags_.end()) return known->second;
  const std::string etag(transfer::header_of(*answer, "ETag"));
  if (is_kept_by_etag_ && !etag.empty()) etags_[name] = etag;
  return etag;
}

Result<std::optional<RemoteFile>> ZosmfTransport::look(const std::string& name) {
  Result<Files> files = jobs_.is_on ? list_jobs(name.substr(0, name.find('/'))) : list(name);
  if (!files) return pass_on(files);
  const auto found = std::ranges::find(*files, name, &RemoteFile::name);
  if (found == files->end()) return std::optional<RemoteFile>();
  Files one = {std::move(*found)};
  if (!jobs_.is_on && !is_kept_by_etag_) {
    const Result<void> versioned = add_versions(one);
    if (!versioned) return pass_on(versioned);
  }
  return std::optional(std::move(one.front()));
}

Result<FetchEnd> ZosmfTransport::fetch(const std::string& name, std::uint64_t offset,
                                       const transfer::Sink& sink) {
  const bool is_unix = name.starts_with('/');
  // A data set's records can be counted, the bytes they make here cannot.
  if (offset > 0 && (jobs_.is_on || !is_unix)) return FetchEnd::no_resume;
  if (jobs_.is_on) return fetch_job(name, sink);
  Call call{.url = server_.resource_of(name),
            .headers = server_.data_headers(name),
            .resume_from = offset,
            .sink = sink};
  call.headers.emplace_back("X-IBM-Return-Etag: true");
  const Result<Answer> answer = perform(std::move(call));
  if (!answer) return pass_on(answer);
  if (answer->failure == Failure::no_resume) return FetchEnd::no_resume;
  if (answer->failure == Failure::missing) return FetchEnd::missing;
  // Everything was there already.
  if (answer->status == kNothingBehindOffset && offset > 0) return FetchEnd::whole;
  if (answer->failure != Failure::none) return remote::failed("zosmf: reading " + name, *answer);
  const std::string etag(transfer::header_of(*answer, "ETag"));
  if (!etag.empty()) etags_[name] = etag;
  return FetchEnd::whole;
}

/// All spool files of a job, one behind the other.
Result<FetchEnd> ZosmfTransport::fetch_job(const std::string& name, const transfer::Sink& sink) {
  const std::string job = "/zosmf/restjobs/jobs/" + percent_encoded(name, "/");
  const Result<std::string> text = get_json(job + "/files", name);
  if (!text) return pass_on(text);
  std::vector<std::uint64_t> ids;
  const Result<void> read = for_each(*text, name, false, [&](const auto& item) {
    std::uint64_t id = 0;
    const bool is_wanted = jobs_.ddname.empty() || text_of(item, "ddname") == jobs_.ddname;
    if (is_wanted && item["id"].get(id) == simdjson::SUCCESS) ids.push_back(id);
  });
  if (!read) return pass_on(read);
  const std::string mode = server_.is_record ? "record" : "binary";
  for (const std::uint64_t id : ids) {
    const Result<Answer> answer =
        perform({.url = fmt::format("{}/files/{}/records?mode={}", job, id, mode), .sink = sink});
    if (!answer) return pass_on(answer);
    if (answer->failure != Failure::none) {
      return remote::failed(fmt::format("zosmf: reading {} file {}", name, id), *answer);
    }
  }
  return FetchEnd::whole;
}

std::string ZosmfTransport::moved_name(const std::string& name, const std::string& folder) const {
  if (name.starts_with('/')) return folder + name.substr(name.rfind('/'));
  const std::string data_set = split(name).data_set;
  return folder + "." + data_set.substr(data_set.rfind('.') + 1);
}

std::string ZosmfTransport::suffixed_name(const std::string& name,
                                          const std::string& suffix) const {
  return name + suffix;
}

Result<void> ZosmfTransport::rename(const std::string& from, const std::string& to) {
  const bool is_unix = from.starts_with('/');
  const auto quoted = [](const std::string& name) {
    std::string text;
    append_json_string(text, name);
    return text;
  };
  const std::string body =
      is_unix ? R"({"request":"move","overwrite":false,"from":)" + quoted(from) + "}"
              : R"({"request":"rename","from-dataset":{"dsn":)" + quoted(from) + "}}";
  Call call{.url = server_.resource_of(to), .method = "PUT"};
  call.headers = {"Content-Type: application/json"};
  call.upload = ByteView(reinterpret_cast<const std::uint8_t*>(body.data()), body.size());
  const Result<Answer> answer = perform(std::move(call));
  if (!answer) return pass_on(answer);
  if (answer->failure == Failure::none) return {};
  return remote::failed("zosmf: renaming " + from + " to " + to, *answer);
}

Result<void> ZosmfTransport::remove(const std::string& name) {
  const std::string resource = jobs_.is_on ? "/zosmf/restjobs/jobs/" + percent_encoded(name, "/")
                                           : server_.resource_of(name);
  const Result<Answer> answer = perform({.url = resource, .method = "DELETE"});
  if (!answer) return pass_on(answer);
  etags_.erase(name);
  if (answer->failure == Failure::none || answer->failure == Failure::missing) return {};
  return remote::failed("zosmf: deleting " + name, *answer);
}

}  // namespace copybridge::adapters::zosmf
