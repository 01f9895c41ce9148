// Everything that computes, on the CPU: needs a C++20 compiler and Eigen. Images and checkpoints: <ugatit/io.hpp>.
#pragma once

#include <ugatit/cpu/cpu.hpp>
#include <ugatit/models/discriminator.hpp>
#include <ugatit/models/generator.hpp>
#include <ugatit/models/network.hpp>
#include <ugatit/models/norm_policies.hpp>
#include <ugatit/nn/nn.hpp>
#include <ugatit/train/trainer.hpp>
#include <ugatit/version.hpp>
