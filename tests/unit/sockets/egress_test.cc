// What goes through a proxy, and what the environment says of it.
#include "bridge/sockets/egress.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdlib>

#include "bridge/core/config.h"

namespace copybridge::sockets {
namespace {

using testing::HasSubstr;

struct ExceptionRow {
  const char* no_proxy;
  const char* host;
  bool is_through;
};

/// As libcurl reads its list (CURLOPT_NOPROXY).
constexpr std::array kExceptions = {ExceptionRow{"", "broker.bank", true},
                                    ExceptionRow{"*", "broker.bank", false},
                                    ExceptionRow{"broker.bank", "broker.bank", false},
                                    ExceptionRow{"bank", "broker.bank", false},
                                    ExceptionRow{".bank", "Broker.BANK.", false},
                                    ExceptionRow{"BANK", "bank", false},
                                    ExceptionRow{"ank", "broker.bank", true},
                                    ExceptionRow{"broker.bank", "bank", true},
                                    ExceptionRow{"a.example, bank b.example", "x.b.example", false},
                                    ExceptionRow{"a.example,,c.example", "x.b.example", true},
                                    ExceptionRow{"10.0.0.0/8", "10.200.3.4", false},
                                    ExceptionRow{"10.0.0.0/8", "11.0.0.1", true},
                                    ExceptionRow{"10.1.2.3", "10.1.2.3", false},
                                    ExceptionRow{"10.1.2.3", "110.1.2.3", true},
                                    ExceptionRow{"0.0.1", "10.0.0.1", true},
                                    ExceptionRow{"fd00::/8", "fd12::1", false},
                                    ExceptionRow{"fd00::/8", "fe80::1", true},
                                    ExceptionRow{"10.0.0.0/8", "fd12::1", true},
                                    ExceptionRow{"10.0.0.0/99", "10.0.0.1", true}};

TEST(Egress, LeavesOutTheProxyForHostsOfNoProxy) {
  for (const ExceptionRow& row : kExceptions) {
    Egress egress;
    egress.proxy.host = "proxy";
    egress.no_proxy = row.no_proxy;
    EXPECT_EQ(egress.has_proxy_for(row.host), row.is_through) << row.no_proxy << " " << row.host;
  }
  EXPECT_FALSE(Egress().has_proxy_for("broker.bank"));
}

class EgressOptions : public testing::Test {
 protected:
  EgressOptions() {
    for (const char* name :
         {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
      ::unsetenv(name);
    }
  }
  template <typename Read>
  Egress read(const std::string& yaml, Read reader) {
    Diagnostics diagnostics;
    const ConfigNode node = parse_yaml(yaml, "bridge.yaml", diagnostics);
    const Options options = read_options(node, kEgressOptions, {}, diagnostics);
    Egress egress = reader(options, diagnostics);
    mistakes_.clear();
    for (const Diagnostic& diagnostic : diagnostics.all()) mistakes_ += to_string(diagnostic);
    return egress;
  }

  std::string mistakes_;
};

TEST_F(EgressOptions, AreRead) {
  const Egress egress = read(
      "{proxy: 'http://proxy.bank:8080', proxy_user: bridge, proxy_password: '${env:P}', "
      "no_proxy: bank, interface: lo}",
      read_egress);
  EXPECT_EQ(mistakes_, "");
  EXPECT_EQ(egress.proxy.address(), "proxy.bank:8080");
  EXPECT_EQ(egress.proxy_user, "bridge");
  EXPECT_EQ(egress.proxy_password.reference(), "${env:P}");
  EXPECT_EQ(egress.interface, "lo");
  EXPECT_FALSE(egress.has_proxy_for("broker.bank"));
  EXPECT_TRUE(egress.has_proxy_for("broker.example"));
}

TEST_F(EgressOptions, MistakesAreSaid) {
  read("{proxy: 'https://proxy.bank'}", read_egress);
  EXPECT_THAT(mistakes_, HasSubstr("1:9: error: the proxy cannot be used"));
  read("{proxy: 'http://user:word@proxy.bank'}", read_egress);
  EXPECT_THAT(mistakes_, HasSubstr("the proxy cannot be used"));
  read("{proxy_user: bridge}", read_egress);
  EXPECT_THAT(mistakes_, HasSubstr("'proxy_user' needs 'proxy' as well"));
  read("{proxy: 'http://proxy.bank', proxy_password: '${env:P}'}", read_egress);
  EXPECT_THAT(mistakes_, HasSubstr("'proxy_password' needs 'proxy_user' as well"));
}

TEST_F(EgressOptions, ComeFromTheEnvironmentWhereTheyAreLeftOut) {
  ::setenv("HTTPS_PROXY", "http://bridge:open%20sesame@proxy.env:3128", 1);
  ::setenv("NO_PROXY", "localhost,.bank", 1);
  const Egress all = read("{interface: lo}", read_egress_or_environment);
  EXPECT_EQ(mistakes_, "");
  EXPECT_EQ(all.proxy.address(), "proxy.env:3128");
  EXPECT_EQ(all.proxy_user, "bridge");
  EXPECT_EQ(all.proxy_password.resolve().value_or(""), "open sesame");
  EXPECT_FALSE(all.has_proxy_for("broker.bank"));
  ::setenv("https_proxy", "proxy.small", 1);
  EXPECT_EQ(read("{}", read_egress_or_environment).proxy.address(), "proxy.small:1080");
  const Egress own = read("{proxy: 'http://own:1', no_proxy: ''}", read_egress_or_environment);
  EXPECT_EQ(own.proxy.address(), "own:1");
  EXPECT_EQ(own.proxy_user, "");
  EXPECT_TRUE(own.has_proxy_for("broker.bank"));
  EXPECT_EQ(read("{}", read_egress).proxy.host, "");
}

}  // namespace
}  // namespace copybridge::sockets
