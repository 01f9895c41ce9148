// What all programs share: how they end, and flags in the published style.
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/version.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

namespace ugatit::examples {

/// Exit codes: 0 done, 1 failed with one line on standard error, 2 wrong usage.
enum ExitCode { done = 0, failed = 1, wrong_usage = 2 };

/// Adds a flag that takes True or False in any case; alone it means True.
inline CLI::Option* add_boolean(CLI::App& app, const std::string& name, bool& value, const std::string& help) {
  const auto parse = [&value, name](const CLI::results_t& given) {
    std::string text = given.empty() ? "true" : given.front();
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    if (text != "true" && text != "false" && !text.empty() && text != "{}") {
      throw CLI::ValidationError(name, "takes True or False, not " + given.front());
    }
    value = text != "false";
    return true;
  };
  // Not default_str: the flag alone would mean the default.
  return app.add_option(name, parse, help)->expected(0, 1)->type_name(value ? "True|False=True" : "True|False=False");
}

/// Runs a program: parses, runs `body`, and turns errors into one line and an exit code.
template <class Body>
int run_program(CLI::App& app, int argc, char** argv, const Body& body) {
  app.set_version_flag("--version", "ugatit " + version());
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s; see --help\n", app.get_name().c_str(), error.what());
    return wrong_usage;
  }
  try {
    return body();
  } catch (const Error& error) {
    std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), error.what());
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "%s: out of memory; use smaller images, a smaller batch or the light model\n",
                 app.get_name().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: unexpected: %s\n", app.get_name().c_str(), error.what());
  }
  return failed;
}

}  // namespace ugatit::examples
