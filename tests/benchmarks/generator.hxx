// Events in the `tout` layout for benchmarks, made and written by ROOT itself.
//
// Each cut passes as often as in the reference: `Odds` says with which probability an event passes
// a cut that passed all before it, and one that failed an earlier one. What is not decided by
// that is drawn from the distributions written here; none of it is physics. Values are doubles of
// full precision, as the reference files have, so that they compress alike.

#include <ROOT/RNTupleModel.hxx>
#include <ROOT/RNTupleWriter.hxx>
#include <TFile.h>
#include <TTree.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#pragma cling optimize(2)

namespace na64bench {

// splitmix64: the state is a counter, so every event has a stream of its own
struct Random {
  std::uint64_t state;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  double uniform() { return double(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  double exponential(double mean) { return -mean * std::log1p(-uniform()); }
  bool chance(double p) { return uniform() < p; }
  int integer(int low, int high) { return low + int(next() % std::uint64_t(high - low + 1)); }
  double normal() {
    const double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }
};

constexpr int CUTS = 19;
struct Odds { std::array<double, CUTS> clean, dirty; };

struct Cells { std::vector<double> ene, t0, tE, sigma; };

struct Event {
  std::uint32_t runN, spillN, spilleventtN;
  std::int32_t triggerSources, mpStraw3X, mpStraw3Y, mpStraw4X, mpStraw4Y;
  double masterT, mom, pvalue, angle;
  Cells ecal, hcal, vhcal, srd, veto;
  std::vector<double> chi2, ST11x, ST12x;
};

enum Cut { TRIGGER, MASTER, SRD, TRACK, MOMENTUM, ANGLE, STRAW3, VHCAL, STRAW4, HOTTEST,
           ECAL_ENERGY, ECAL_RATIO, HCAL_OUT_OF_TIME, HCAL3, HCAL0, VETO, MUON, HCAL_ENERGY, BOX };
using Passes = std::array<bool, CUTS>;

Passes decide(Random &random, const Odds &odds) {
  Passes pass;
  bool clean = true;
  for (int cut = 0; cut != CUTS; ++cut) {
    pass[cut] = random.chance(clean ? odds.clean[cut] : odds.dirty[cut]);
    clean = clean && pass[cut];
  }
  // what has energy in the HCAL for one cut has it for the other
  if (!pass[MUON] || !pass[HCAL0] || !pass[HCAL_OUT_OF_TIME]) pass[HCAL_ENERGY] = false;
  return pass;
}

void straws(Random &random, bool pass, std::int32_t &x, std::int32_t &y) {
  x = std::min(5, 1 + int(random.exponential(0.8)));
  y = std::min(5, 1 + int(random.exponential(0.8)));
  if (!pass) (random.chance(0.5) ? x : y) = random.chance(0.5) ? 0 : random.integer(6, 11);
}

void scalars(Random &random, const Passes &pass, Event &event) {
  static const int physics[] = {4, 4, 4, 4, 4, 5, 12}, others[] = {1, 2, 8, 9};
  event.triggerSources =
      pass[TRIGGER] ? physics[random.integer(0, 6)] : others[random.integer(0, 3)];
  event.masterT = std::clamp(100 + 4 * random.normal(), 87., 113.);
  if (!pass[MASTER])
    event.masterT = random.chance(0.5) ? random.uniform(60, 86) : random.uniform(114, 140);
  event.mom = std::clamp(100 + 2 * random.normal(), 91., 109.);
  if (!pass[MOMENTUM])
    event.mom = random.chance(0.7) ? random.uniform(60, 89) : random.uniform(111, 300);
  event.pvalue = pass[TRACK] ? random.uniform(0.011, 1) : random.uniform(0, 0.0099);
  event.angle = pass[ANGLE] ? std::min(random.exponential(0.55), 2.9) : random.uniform(3.1, 17);
  straws(random, pass[STRAW3], event.mpStraw3X, event.mpStraw3Y);
  straws(random, pass[STRAW4], event.mpStraw4X, event.mpStraw4Y);
}

// 14% of the cells are empty, the shower is in the 3 x 3 cells around (2, 2) or one cell beside it
void ecal(Random &random, const Passes &pass, std::vector<double> &ene) {
  const double total = pass[BOX] ? random.uniform(12, 48) : random.uniform(58, 104);
  const double outer = pass[ECAL_RATIO] ? random.uniform(0.005, 0.055) : random.uniform(0.07, 0.14);
  const double preshower = random.uniform(0.06, 0.12);
  const int hottest = pass[HOTTEST] ? 2 : 3;
  double rim = 0;
  for (int cell = 0; cell != 60; ++cell) {
    const int ix = cell % 30 / 6, iy = cell % 6;
    const bool inner = ix >= 1 && ix <= 3 && iy >= 1 && iy <= 3;
    if (inner) ene[cell] = random.uniform(0.5, 1) * (cell < 30 ? preshower : 1 - preshower) / 30;
    else rim += ene[cell] = random.chance(0.2) ? 0 : random.exponential(1);
  }
  double inside = 0;
  for (int cell = 0; cell != 60; ++cell) {
    const int ix = cell % 30 / 6, iy = cell % 6;
    if (ix >= 1 && ix <= 3 && iy >= 1 && iy <= 3) inside += ene[cell];
    else ene[cell] *= outer / (rim + 1e-9);
  }
  const double left = 1 - outer - inside;
  ene[2 * 6 + 2] += left * preshower;
  ene[30 + 2 * 6 + hottest] += left * (1 - preshower);
  for (auto &energy : ene) energy *= total;
}

void hcal(Random &random, const Passes &pass, std::vector<double> &ene) {
  for (auto &energy : ene)
    energy = random.chance(0.37) ? 0 : std::min(random.exponential(0.08), 0.199);
  if (random.chance(0.3)) ene[4] = random.uniform(0.21, 0.45);
  if (!pass[HCAL_ENERGY]) {
    ene[4] = 1.2 + random.exponential(8);
    ene[13] = random.uniform(0.3, 1.4);
  }
  if (!pass[HCAL0]) for (int cell : {0, 1, 3, 7}) ene[cell] = 0.6 + ene[4] + random.exponential(2);
  if (!pass[MUON]) for (int cell : {18, 22, 23}) ene[cell] = 0.8 + random.exponential(3);
  if (!pass[HCAL3]) ene[27 + 4] = 2.1 + random.exponential(4);
}

// times spread by 0.6 sigma around the expected time, which moves with the master time or not
void times(Random &random, Cells &cells, double expected, double sigma, double step, double shift) {
  const std::size_t size = cells.ene.size();
  for (std::size_t cell = 0; cell != size; ++cell) {
    const double width = sigma + step * double(cell * 23 % 60) / 60;
    if (cell < cells.sigma.size()) cells.sigma[cell] = width;
    // the offset of a channel, as a calibration has it: only where times move
    cells.tE[cell] = expected + (shift == 0 ? 0 : shift + 0.01 * double(cell * 37 % 101));
    cells.t0[cell] = cells.tE[cell] + 0.6 * sigma * random.normal();
  }
}

void late(Random &random, Cells &cells, std::size_t cell, double energy) {
  cells.ene[cell] = energy;
  cells.t0[cell] = cells.tE[cell] + random.uniform(25, 60);
}

void jagged(Random &random, std::vector<double> &positions) {
  positions.resize(std::min(6, int(random.exponential(1.7))));
  for (auto &position : positions) position = random.uniform(-220, -60);
}

void fill(Random &random, const Passes &pass, bool moving, Event &event) {
  scalars(random, pass, event);
  ecal(random, pass, event.ecal.ene);
  hcal(random, pass, event.hcal.ene);
  for (auto &energy : event.vhcal.ene) energy = std::min(random.exponential(0.012), 0.09);
  if (!pass[VHCAL]) event.vhcal.ene[random.integer(0, 15)] = random.uniform(1.6, 22);
  for (auto &energy : event.srd.ene) energy = std::clamp(random.exponential(0.022), 0.0015, 0.079);
  if (!pass[SRD])
    event.srd.ene[random.integer(0, 2)] =
        random.chance(0.9) ? random.uniform(0, 0.0009) : random.uniform(0.081, 0.2);
  for (auto &energy : event.veto.ene) energy = std::min(random.exponential(0.0012), 0.0037);
  if (!pass[VETO]) for (auto &energy : event.veto.ene) energy = random.uniform(0.0045, 0.02);
  const double shift = moving ? event.masterT - 100 : 0;
  times(random, event.ecal, 30, 1.5, 0.3, shift);
  times(random, event.hcal, 55, 5.5, 0, shift);
  times(random, event.vhcal, 42, 2.5, 0, shift);
  times(random, event.srd, 20, 1.8, 0, shift);
  times(random, event.veto, 33, 1.9, 0, shift);
  if (!pass[ECAL_ENERGY]) late(random, event.ecal, 30, random.uniform(32, 60));
  else if (random.chance(0.05)) late(random, event.ecal, 59, random.uniform(0.1, 3));
  if (!pass[HCAL_OUT_OF_TIME]) late(random, event.hcal, 9, random.uniform(52, 65));
  event.chi2 = {random.exponential(2.5), random.exponential(2.5)};
  jagged(random, event.ST11x);
  jagged(random, event.ST12x);
}

void reserve(Event &event) {
  const auto sized = [](Cells &cells, std::size_t size, std::size_t sigmas) {
    cells.ene.resize(size);
    cells.t0.resize(size);
    cells.tE.resize(size);
    cells.sigma.resize(sigmas);
  };
  sized(event.ecal, 60, 60);
  sized(event.hcal, 36, 36);
  sized(event.vhcal, 16, 16);
  sized(event.srd, 3, 3);
  sized(event.veto, 6, 3);
}

// the next event of a run: 400 to a spill
void next(Event &event, std::uint32_t run, std::uint32_t number, const Odds &odds, bool moving) {
  Random random{(std::uint64_t(run) << 32 | number) * 0x2545F4914F6CDD1Dull};
  random.state = random.next();
  event.runN = run;
  event.spillN = 1 + number / 400;
  event.spilleventtN = number % 400;
  fill(random, decide(random, odds), moving, event);
}

// hands (name, value) of all branches to a function, in the order of the files
template <typename Function> void branches(Event &event, Function &&use) {
  use("runN", event.runN);
  use("spillN", event.spillN);
  use("spilleventtN", event.spilleventtN);
  use("triggerSources", event.triggerSources);
  use("masterT", event.masterT);
  use("mom_genfit_upMM", event.mom);
  use("pvalue_genfit_upMM", event.pvalue);
  use("inangle_genfit_upMM", event.angle);
  use("mpStraw3X", event.mpStraw3X);
  use("mpStraw3Y", event.mpStraw3Y);
  use("mpStraw4X", event.mpStraw4X);
  use("mpStraw4Y", event.mpStraw4Y);
  const auto cells = [&](const std::string &name, const char *energy, Cells &of) {
    use(name + energy, of.ene);
    use(name + "_t0", of.t0);
    use(name + "_tE", of.tE);
    use(name + "_tSigma", of.sigma);
  };
  cells("ECAL", "_ene", event.ecal);
  cells("HCAL", "_ene", event.hcal);
  cells("VHCAL", "_ene", event.vhcal);
  cells("SRD", "_ene", event.srd);
  cells("VETO", "_enePMT", event.veto);
  use("chi2", event.chi2);
  use("ST11x", event.ST11x);
  use("ST12x", event.ST12x);
}

// a TTree with ROOT's defaults: baskets of 32000 bytes until the first flush, zlib level 1
void write_ttree(const std::string &path, std::uint32_t run, std::uint32_t events, const Odds &odds,
                 bool moving) {
  TFile file(path.c_str(), "RECREATE");
  auto *tree = new TTree("tout", "made for benchmarks, no physics");
  Event event;
  reserve(event);
  branches(event,
           [&](const std::string &name, auto &value) { tree->Branch(name.c_str(), &value); });
  for (std::uint32_t number = 0; number != events; ++number) {
    next(event, run, number, odds, moving);
    tree->Fill();
  }
  tree->Write();
  file.Close();
}

// an RNTuple with ROOT's defaults: zstd level 5
void write_rntuple(const std::string &path, std::uint32_t run, std::uint32_t events,
                   const Odds &odds, bool moving) {
  auto model = ROOT::RNTupleModel::CreateBare();
  Event event;
  reserve(event);
  branches(event, [&](const std::string &name, auto &value) {
    model->MakeField<std::decay_t<decltype(value)>>(name);
  });
  auto writer = ROOT::RNTupleWriter::Recreate(std::move(model), "tout", path);
  auto entry = writer->CreateEntry();
  branches(event, [&](const std::string &name, auto &value) { entry->BindRawPtr(name, &value); });
  for (std::uint32_t number = 0; number != events; ++number) {
    next(event, run, number, odds, moving);
    writer->Fill(*entry);
  }
}

// the same events under another run number: baskets are copied as they are
void copy_as_run(const std::string &from, const std::string &to, std::uint32_t run) {
  TFile source(from.c_str());
  auto *old = source.Get<TTree>("tout");
  const auto events = old->GetEntries();
  old->SetBranchStatus("runN", false);
  TFile file(to.c_str(), "RECREATE");
  auto *tree = old->CloneTree(-1, "fast");
  auto *branch = tree->Branch("runN", &run);
  for (Long64_t entry = 0; entry != events; ++entry) branch->Fill();
  tree->Write();
  file.Close();
}

} // namespace na64bench
