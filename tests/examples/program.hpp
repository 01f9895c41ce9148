// Running the programs: a child in a scratch folder, its exit code and what it printed; and what is in a folder.
#pragma once

#include "catch.hpp"
#include "io/support.hpp"

#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <map>
#include <sstream>
#include <unistd.h>
#include <vector>

/// How a program ended.
struct Outcome {
  int code = -1;   ///< its exit code, or -1 where a signal ended it
  int signal = 0;  ///< that signal
  std::string out, err;
};

inline std::string text_in(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A program that runs. It starts in `folder`, so that arguments name files in it shortly.
class Running {
 public:
  /// `arguments` are separated by blanks; no file of the child may exceed `largest_file` bytes.
  Running(const std::filesystem::path& folder, const std::string& program, const std::string& arguments,
          rlim_t largest_file = RLIM_INFINITY) {
    std::vector<std::string> words{(std::filesystem::path(UGATIT_PROGRAMS_FOLDER) / program).string()};
    std::istringstream stream(arguments);
    for (std::string word; stream >> word;) words.push_back(word);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string out = (printed_ / "out").string();
    const std::string err = (printed_ / "err").string();
    pid_ = ::fork();
    if (pid_ != 0) return;
    const auto redirect = [](const std::string& path, int to) {
      return ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), to) == to;
    };
    if (largest_file != RLIM_INFINITY) {
      // What a process sees of a full disk: writing fails.
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{largest_file, largest_file};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (::chdir(folder.c_str()) == 0 && redirect(out, STDOUT_FILENO) && redirect(err, STDERR_FILENO)) {
      ::execv(argv[0], argv.data());
    }
    ::_exit(127);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (pid_ > 0) send(SIGKILL), wait();
  }

  void send(int signal) const { ::kill(pid_, signal); }

  Outcome wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    Outcome end;
    if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
    end.out = text_in(printed_ / "out");
    end.err = text_in(printed_ / "err");
    return end;
  }

 private:
  TemporaryFolder printed_;
  pid_t pid_ = -1;
};

inline Outcome run(const std::filesystem::path& folder, const std::string& program, const std::string& arguments,
                   rlim_t largest_file = RLIM_INFINITY) {
  return Running(folder, program, arguments, largest_file).wait();
}

/// All files below a folder with their contents, by relative path; hidden ones included.
inline std::map<std::string, std::string> files_in(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(folder).string()] = text_in(entry.path());
  }
  return files;
}

/// Why the outcome is not a failure with that code and one line that has `part`; "" where it is.
inline std::string unlike_failure(const Outcome& end, int code, const std::string& part) {
  const bool is_line = !end.err.empty() && end.err.find('\n') == end.err.size() - 1;
  if (end.code == code && is_line && contains(end.err, part)) return "";
  return "exit code " + std::to_string(end.code) + ", signal " + std::to_string(end.signal) + ", wanted \"" + part +
         "\":\n" + end.err;
}
