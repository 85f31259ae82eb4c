// Data sets on z/OS, of an FTP server and of z/OSMF: both doubles.
#include "tests/conformance/components/place.h"
#include "tests/support/file_doubles.h"

namespace copybridge::tests {
namespace {

template <typename Double>
class DataSets final : public Place {
 public:
  explicit DataSets(const std::filesystem::path& folder) : double_(folder / "server") {}
  std::string options() const override {
    return "{" + double_.options() + ", path: " + double_.pattern() +
           ", recfm: " + double_.recfm() +
           ", settle_time_ms: 0, rescan_interval_ms: 50, batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override {
    double_.put("HLQ." + records.front(), records);
  }

 private:
  Double double_;
};

using FtpDataSets = DataSets<testing_support::FtpDouble>;
using ZosmfDataSets = DataSets<testing_support::ZosmfDouble>;

constexpr AdapterRig kRigs[] = {{"ftp", Behind::nothing, make_place<FtpDataSets>},
                                {"ftp", Behind::spool, make_place<FtpDataSets>},
                                {"zosmf", Behind::nothing, make_place<ZosmfDataSets>},
                                {"zosmf", Behind::spool, make_place<ZosmfDataSets>}};
const RegisteredRigs kRegistered(kRigs);

}  // namespace
}  // namespace copybridge::tests
