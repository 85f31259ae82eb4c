// Data sets on z/OS, of an FTP server and of z/OSMF: both doubles.
#include "tests/conformance/components/rig.h"
#include "tests/support/file_doubles.h"

namespace copybridge::publishers {
namespace {

template <typename Double>
class DataSetRig final : public Rig {
 public:
  std::string options() const override { return with(double_.options()); }
  std::string options_when_away() const override { return with(double_.options_when_away()); }
  std::size_t received() override { return double_.lines(); }

 private:
  static std::string with(const std::string& options) {
    return "{" + options + ", path: " + Double::target() + "}";
  }
  Double double_{folder_.path() / "server"};
};

constexpr RigRow kRigs[] = {{"ftp", "ftp", make_rig<DataSetRig<testing_support::FtpDouble>>},
                            {"zosmf", "zosmf", make_rig<DataSetRig<testing_support::ZosmfDouble>>}};
const RegisteredRigs kRegistered(kRigs);

}  // namespace
}  // namespace copybridge::publishers
