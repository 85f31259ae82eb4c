// The registry's row of the z/OSMF adapter.
#include "adapters/zosmf/zosmf_adapter.h"

#include <array>
#include <memory>
#include <utility>

#include "adapters/file/source.h"
#include "adapters/remote/remote_options.h"
#include "adapters/remote/remote_store.h"
#include "adapters/zosmf/zosmf_transport.h"
#include "bridge/transfer/zosmf.h"
#include "codecs/framing/options.h"

namespace copybridge::adapters {
namespace {

constexpr std::string_view kKind = "zosmf";

constexpr std::array kJobOptions = {
    OptionSpec{.name = "filetype",
               .type = OptionType::choice,
               .default_value = "files",
               .help = "jobs reads the output of jobs, and path is then a prefix of job names "
                       "such as ACCT*.",
               .choices = "files|jobs"},
    OptionSpec{.name = "job_owner",
               .type = OptionType::text,
               .help = "Owner of the jobs, or a pattern; otherwise of all."},
    OptionSpec{.name = "ddname",
               .type = OptionType::text,
               .help = "DD name of the spool files to read; otherwise all of a job."},
    OptionSpec{.name = "etag",
               .type = OptionType::boolean,
               .default_value = "no",
               .help = "Whether a data set that is kept is read again when its ETag has changed; "
                       "each is then read once more after a start, and asked about at each scan."},
};

std::span<const OptionSpec> zosmf_options() {
  static const std::vector<OptionSpec> options = framing::with_framing(
      transfer::joined({transfer::zosmf_options(), remote::remote_options(), kJobOptions,
                        transfer::connection_options(), file::arrival_options()}));
  return options;
}

bool moves(const file::Disposal& disposal) {
  return disposal.kind == file::Disposal::Kind::move ||
         disposal.kind == file::Disposal::Kind::rename;
}

void check(const file::Settings& settings, bool is_jobs, const Options& options,
           Diagnostics& diagnostics) {
  if (is_jobs && (moves(settings.after) || moves(settings.on_error))) {
    diagnostics.error(options.where("after"), "the output of a job can be kept or deleted");
  }
  for (const std::string& pattern : settings.patterns) {
    const std::size_t slash = pattern.rfind('/');
    if (slash == std::string::npos ||
        pattern.substr(0, slash).find_first_of("*?[") == std::string::npos) {
      continue;
    }
    diagnostics.error(options.where("path"), "only a file's name can have wildcards: " + pattern);
  }
}

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  file::Settings settings = remote::read_remote_settings(context, options, diagnostics);
  transfer::ZosmfServer server = transfer::read_zosmf(context.directory, options, diagnostics);
  zosmf::JobFilter jobs{options.text("filetype") == "jobs", options.text("job_owner"),
                        options.text("ddname")};
  check(settings, jobs.is_on, options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  auto transport = std::make_unique<zosmf::ZosmfTransport>(std::move(server), std::move(jobs),
                                                           options.boolean("etag"));
  auto store =
      std::make_unique<remote::RemoteStore>(kKind, context, settings, std::move(transport));
  return std::make_unique<file::FileSource>(context, std::move(settings), std::move(store));
}

}  // namespace

const AdapterKind kZosmfAdapter = {
    kKind, "Reads records from data sets, z/OS UNIX files and the output of jobs by z/OSMF.",
    zosmf_options(), make};

}  // namespace copybridge::adapters
