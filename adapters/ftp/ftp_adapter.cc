// The registry's row of the FTP adapter.
#include "adapters/ftp/ftp_adapter.h"

#include <array>
#include <memory>
#include <utility>

#include "adapters/file/source.h"
#include "adapters/ftp/ftp_transport.h"
#include "adapters/remote/remote_options.h"
#include "adapters/remote/remote_store.h"
#include "bridge/transfer/ftp.h"
#include "codecs/framing/options.h"

namespace copybridge::adapters {
namespace {

constexpr std::string_view kKind = "ftp";

constexpr std::array kJesOptions = {
    OptionSpec{.name = "filetype",
               .type = OptionType::choice,
               .default_value = "seq",
               .help = "z/OS: seq reads data sets and files, jes the output of jobs, and path is "
                       "then a pattern of job names.",
               .choices = "seq|jes"},
    OptionSpec{.name = "jes_owner",
               .type = OptionType::text,
               .help = "z/OS: owner of the jobs, or a pattern; otherwise of all."},
};

std::span<const OptionSpec> ftp_options() {
  static const std::vector<OptionSpec> options = framing::with_framing(
      transfer::joined({transfer::ftp_options(), remote::remote_options(), kJesOptions,
                        transfer::connection_options(), file::arrival_options()}));
  return options;
}

void check(const transfer::FtpServer& server, const file::Settings& settings,
           const ftp::JesFilter& jes, const Options& options, Diagnostics& diagnostics) {
  if (jes.is_on && (settings.after.kind == file::Disposal::Kind::move ||
                    settings.after.kind == file::Disposal::Kind::rename)) {
    diagnostics.error(options.where("after"), "the output of a job can be kept or deleted");
  }
  if (jes.is_on && settings.on_error.kind != file::Disposal::Kind::keep) {
    diagnostics.error(options.where("on_error"), "the output of a job can be kept");
  }
  const bool is_block = settings.framing.recfm == framing::Recfm::ftp_block;
  if (is_block != server.is_block_mode) {
    diagnostics.error(options.where("mode"),
                      "'mode: block' and 'recfm: ftp-block' need each other");
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
  transfer::FtpServer server = transfer::read_ftp(context.directory, options, diagnostics);
  ftp::JesFilter jes{options.text("filetype") == "jes", options.text("jes_owner")};
  check(server, settings, jes, options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  auto transport = std::make_unique<ftp::FtpTransport>(std::move(server), std::move(jes));
  auto store =
      std::make_unique<remote::RemoteStore>(kKind, context, settings, std::move(transport));
  return std::make_unique<file::FileSource>(context, std::move(settings), std::move(store));
}

}  // namespace

const AdapterKind kFtpAdapter = {
    kKind, "Fetches files by FTP, FTPS or SFTP and reads records from them; z/OS data sets too.",
    ftp_options(), make};

}  // namespace copybridge::adapters
