// The paper's ablation of norms: the small generator, trained with each of them in its decoder, on drawn portraits.
#include "ablation/trial.hpp"
#include "common/program.hpp"

#include <ugatit/io/sheet.hpp>

namespace {

using namespace ugatit;
using namespace ugatit::examples;

int run(const AblationOptions& o) {
  const DrawnPeople people(o);
  std::vector<std::vector<Image>> columns;
  for (const Image& photo : people.test_photos) columns.push_back({photo});

  Trial untouched;
  score(people.test_photos, people.test_cartoons, untouched);
  std::string table = "norm        parameters  ms/iteration    g_loss      l1    psnr    ssim\n";
  const auto add = [&table](const char* format, auto... values) {
    char line[160];
    std::snprintf(line, sizeof line, format, values...);
    table += line;
  };
  add("%-10s  %10s  %12s  %8s  %6.4f  %6.2f  %6.4f\n", "(photos)", "", "", "", untouched.l1, untouched.psnr,
      untouched.ssim);
  for (const AblatedGenerator& kind : ablated_generators) {
    if (o.norm != "all" && o.norm != kind.norm) continue;
    const Trial trial = run_trial(kind, people, o);
    add("%-10s  %10td  %12.1f  %8.3f  %6.4f  %6.2f  %6.4f\n", kind.norm, trial.parameters, trial.milliseconds,
        trial.generator_loss, trial.l1, trial.psnr, trial.ssim);
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].push_back(trial.translations[i]);
  }
  std::fputs(table.c_str(), stdout);
  if (o.sheet.empty()) return done;
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].push_back(people.test_cartoons[i]);
  write_png(o.sheet, contact_sheet(columns));
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  AblationOptions o;
  CLI::App app(
      "Trains a small U-GAT-IT on drawn portraits with each norm in the generator's decoder, and prints a table:\n"
      "learned parameters of a generator, time, the generators' loss over the last tenth of the iterations, and how\n"
      "close translated photos of unseen people come to cartoons of the same people (l1: 0 is the same; psnr and\n"
      "ssim: higher is closer). AdaLIN takes its factors from the style; the others have learned ones.",
      "ablation");
  std::vector<std::string> names{"all"};
  for (const AblatedGenerator& kind : ablated_generators) names.emplace_back(kind.norm);
  app.add_option("--norm", o.norm, "all norms, or one of them")->check(CLI::IsMember(names))->capture_default_str();
  app.add_option("--iteration", o.iterations, "iterations of each training")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--batch_size", o.batch_size, "images of each domain in an iteration")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--img_size", o.size, "side of the images, a multiple of 4")
      ->check(CLI::Range(48, 1024))
      ->capture_default_str();
  app.add_option("--train", o.train, "people of each domain to learn from")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--test", o.test, "people to test with")->check(CLI::Range(1, 100000))->capture_default_str();
  app.add_option("--lr", o.learning_rate, "learning rate")->check(CLI::NonNegativeNumber)->capture_default_str();
  app.add_option("--cam_weight", o.cam_weight, "weight of the attention losses")->capture_default_str();
  app.add_option("--seed", o.seed, "of people, starting weights and order")->capture_default_str();
  app.add_option("--threads", o.threads, "threads; 0: one for each processor")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--sheet", o.sheet, "also write a sheet: photos, translations by each norm, true cartoons (.png)");
  return run_program(app, argc, argv, [&] { return run(o); });
}
