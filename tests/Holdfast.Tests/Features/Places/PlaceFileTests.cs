using System.Net;
using Holdfast.Configuration;
using Holdfast.Features.Demo;
using Holdfast.Features.Places;
using Holdfast.Tests.Support;
using Holdfast.Texts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using static Holdfast.Tests.Support.MmdbWriter;

namespace Holdfast.Tests.Features.Places;

/// <summary>The file on the disk: opening, replacing, losing, breaking it, while others read.</summary>
public sealed class PlaceFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-places-").FullName;

    private string Where => Path.Combine(_folder, "places.mmdb");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Of(string city, int padding = 0) => new MmdbWriter { Padding = padding }.Add("1.0.0.0/8", City(city, "FR", "France")).Add("2000::/3", City(city, "FR", "France")).Build();

    private PlaceFile Open() => PlaceFile.Open(TestSettings.Read(new Dictionary<string, string?> { ["GeoIp:DatabasePath"] = Where, ["Data"] = Path.Combine(_folder, "data") }));

    private static string Ask(PlaceFile file, string address = "1.2.3.4") => new FindPlace(file, NullLogger<FindPlace>.Instance).Name(address, Text.English);

    /// <summary>As careful people replace files: all of it elsewhere, then one rename.</summary>
    private void Rename(byte[] bytes)
    {
        File.WriteAllBytes(Where + ".new", bytes);
        File.Move(Where + ".new", Where, overwrite: true);
    }

    private string StartRefused()
    {
        var error = Assert.Throws<SettingsException>(Open);
        Assert.Equal("GeoIp:DatabasePath", error.Key);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message.Replace(_folder, "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_with_a_missing_broken_or_useless_file_is_refused_in_one_line()
    {
        Assert.Equal("GeoIp:DatabasePath: /places.mmdb is not there, or is no ordinary file.", StartRefused());
        Directory.CreateDirectory(Where);
        Assert.Equal("GeoIp:DatabasePath: /places.mmdb is not there, or is no ordinary file.", StartRefused());
        Directory.Delete(Where);
        File.WriteAllBytes(Where, []);
        Assert.Equal("GeoIp:DatabasePath: /places.mmdb is empty.", StartRefused());
        File.WriteAllBytes(Where, Of("Lyon")[..^1]);
        Assert.Equal("GeoIp:DatabasePath: /places.mmdb has a value that reaches beyond its data.", StartRefused());
        File.WriteAllText(Where, "<html>Your licence key is wrong</html>");
        Assert.Equal("GeoIp:DatabasePath: /places.mmdb is no MaxMind DB file, or its end is missing.", StartRefused());
        File.WriteAllBytes(Where, new MmdbWriter { Kind = "GeoLite2-ASN" }.Add("::/0", Map(("autonomous_system_number", 1u))).Build());
        Assert.Equal("GeoIp:DatabasePath: /places.mmdb is whole, but its records (GeoLite2-ASN) name neither cities nor countries.", StartRefused());
        File.WriteAllBytes(Where, new MmdbWriter().Add("::/0", Map(("city", new MmdbRaw(Head(12, 0))))).Build());
        Assert.Equal("GeoIp:DatabasePath: /places.mmdb has a mark where a value belongs.", StartRefused());
        // A sparse file beyond what we read takes no room, and no time.
        using (var huge = File.OpenHandle(Where, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.SetLength(huge, 3L << 30);
        Assert.Equal("GeoIp:DatabasePath: /places.mmdb is larger than 2 GiB, which no file of cities and countries is.", StartRefused());
    }

    [Fact]
    public void A_pipe_is_no_file_and_nobody_waits_for_it()
    {
        using var made = System.Diagnostics.Process.Start("mkfifo", Where);
        made.WaitForExit();
        Assert.Equal("GeoIp:DatabasePath: /places.mmdb is not there, or is no ordinary file.", StartRefused());
    }

    [Fact]
    public void The_copy_that_is_mapped_leaves_no_trace_in_the_data_folder()
    {
        File.WriteAllBytes(Where, Of("Lyon"));
        using var file = Open();
        Assert.Equal("Near Lyon, France", Ask(file));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder, "data")));
    }

    [Fact]
    public void A_file_that_is_cut_short_deleted_or_written_over_in_place_kills_nobody_and_tells_no_lie()
    {
        File.WriteAllBytes(Where, Of("Lyon", padding: 300_000));
        using var file = Open();
        using (var handle = File.OpenHandle(Where, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.SetLength(handle, 0);
        Assert.Equal("Near Lyon, France", Ask(file));
        File.WriteAllBytes(Where, new byte[300_000]);
        Assert.Equal("Near Lyon, France", Ask(file));
        File.Delete(Where);
        Assert.Equal(["Near Lyon, France", "Near Lyon, France"], new[] { "1.2.3.4", "2a00::1" }.Select(address => Ask(file, address)));
    }

    [Fact]
    public void A_replacement_is_taken_up_once_it_has_stood_still_for_one_look()
    {
        File.WriteAllBytes(Where, Of("Lyon"));
        using var file = Open();
        Assert.Null(file.Look());
        Rename(Of("Milan"));
        Assert.Null(file.Look());
        Assert.Equal("Near Lyon, France", Ask(file));
        Assert.Equal((null, "Test-City"), (file.Look() is { } news ? (news.Problem, news.Metadata!.Kind) : ("no news", "")));
        Assert.Equal("Near Milan, France", Ask(file));
        Assert.Null(file.Look());
    }

    [Fact]
    public void A_replacement_of_the_same_length_and_the_same_time_of_change_is_seen()
    {
        File.WriteAllBytes(Where, Of("Lyon"));
        var then = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Where, then);
        using var file = Open();
        foreach (var city in new[] { "Graz", "Bari" })
        {
            if (city == "Graz") File.WriteAllBytes(Where, Of(city));
            else Rename(Of(city));
            File.SetLastWriteTimeUtc(Where, then);
            file.Look();
            Assert.NotNull(file.Look());
            Assert.Equal($"Near {city}, France", Ask(file));
        }
    }

    [Fact]
    public void A_link_that_is_turned_to_another_file_is_a_replacement()
    {
        File.WriteAllBytes(Path.Combine(_folder, "one"), Of("Lyon"));
        File.WriteAllBytes(Path.Combine(_folder, "two"), Of("Bari"));
        File.CreateSymbolicLink(Where, "one");
        using var file = Open();
        Assert.Equal("Near Lyon, France", Ask(file));
        File.CreateSymbolicLink(Where + ".new", "two");
        File.Move(Where + ".new", Where, overwrite: true);
        file.Look();
        file.Look();
        Assert.Equal("Near Bari, France", Ask(file));
    }

    [Fact]
    public async Task A_broken_replacement_leaves_the_old_file_in_use_and_one_line_in_the_log()
    {
        File.WriteAllBytes(Where, Of("Lyon"));
        using var file = Open();
        using var logs = new LogCapture();
        var watch = new WatchPlaces(file, new LoggerFactory([logs]).CreateLogger<WatchPlaces>());
        async Task Looks(int times)
        {
            for (var look = 0; look < times; look++) await watch.Look(CancellationToken.None);
        }

        Rename(Of("Milan")[..200]);
        await Looks(5);
        Assert.Equal("Near Lyon, France", Ask(file));
        Assert.Matches(@"^Error \S+WatchPlaces GeoIp:DatabasePath: /\S+/places.mmdb is no MaxMind DB file, or its end is missing\. The file that was opened before stays in use ", Assert.Single(logs.Lines));

        File.Delete(Where);
        await Looks(5);
        Assert.Equal("Near Lyon, France", Ask(file));
        Assert.Equal(2, logs.Lines.Count);
        Assert.Contains("is not there", logs.Lines[1], StringComparison.Ordinal);

        Rename(Of("Milan"));
        await Looks(5);
        Assert.Equal("Near Milan, France", Ask(file));
        Assert.StartsWith("Information", logs.Lines[2], StringComparison.Ordinal);
        Assert.Contains("places come from Test-City, built 2026-01-01", logs.Lines[2], StringComparison.Ordinal);
        Assert.Equal(3, logs.Lines.Count);
    }

    [Fact]
    public void While_a_file_is_still_growing_it_is_left_alone()
    {
        File.WriteAllBytes(Where, Of("Lyon"));
        using var file = Open();
        var fresh = Of("Milan", padding: 50_000);
        // Written over in place, a piece between two looks, as a careless copy does it.
        using (var writer = new FileStream(Where, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            for (var at = 0; at < fresh.Length; at += 10_000)
            {
                writer.Write(fresh.AsSpan(at, Math.Min(10_000, fresh.Length - at)));
                writer.Flush();
                Assert.Null(file.Look());
                Assert.Equal("Near Lyon, France", Ask(file));
            }
        }
        Assert.NotNull(file.Look());
        Assert.Equal("Near Milan, France", Ask(file));
    }

    [Fact]
    public async Task While_files_replace_each_other_every_answer_is_right_for_one_that_was_there()
    {
        // Each file says its own name at many addresses, in records of its own size: an answer out of two files would be none of these.
        string[] cities = ["Lyon", "Milan", "Graz", "Bari", "Kyiv"];
        var files = cities.Select((city, i) => new MmdbWriter { RecordBits = new[] { 24, 28, 32 }[i % 3], Padding = i * 3000 }.Add("1.0.0.0/8", City(city, "FR", "France")).Add("2000::/3", City(city, "FR", "France")).Build()).ToArray();
        Rename(files[0]);
        using var file = Open();
        var (allowed, current, done) = (cities.Select(city => $"Near {city}, France").ToHashSet(), 0, false);
        var readers = Enumerable.Range(0, 6).Select(reader => Task.Run(() =>
        {
            for (var answers = 0; answers < 100 || !Volatile.Read(ref done); answers++) Assert.Contains(Ask(file, answers % 2 == 0 ? "1.2.3.4" : "2a00::1"), allowed);
        })).ToArray();
        for (current = 1; current <= 60; current++)
        {
            Rename(files[current % files.Length]);
            file.Look();
            Assert.Null(file.Look()!.Problem);
            // From here on nobody hears of an older one.
            Assert.Equal($"Near {cities[current % cities.Length]}, France", Ask(file));
        }
        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
    }

    [Fact]
    public void A_file_is_unmapped_when_its_owner_and_the_last_reader_have_let_go()
    {
        var file = MmdbFile.Of(Of("Lyon"));
        Assert.True(file.TryHold() && file.TryHold());
        file.Dispose();
        file.Dispose();
        Assert.True(file.TryHold());
        for (var holder = 0; holder < 3; holder++)
        {
            Assert.True(file.TryFind([1, 2, 3, 4], out _));
            file.Release();
        }
        Assert.False(file.TryHold());
    }

    [Fact]
    public void The_example_s_file_is_what_its_list_says()
    {
        var built = ExamplePlaces.Build();
        if (Environment.GetEnvironmentVariable("HOLDFAST_WRITE_EXAMPLE") is { Length: > 0 } path) File.WriteAllBytes(path, built);
        using var stream = typeof(DemoPlaces).Assembly.GetManifestResourceStream("demo/places.mmdb")!;
        var embedded = new byte[stream.Length];
        stream.ReadExactly(embedded);
        Assert.Equal(Convert.ToHexString(built), Convert.ToHexString(embedded));
    }

    [Fact]
    public void Everybody_s_way_of_the_example_leads_to_a_place_or_a_private_network()
    {
        using var places = new PlaceFile(null, _folder);
        places.Show(DemoPlaces.Load());
        var said = Enumerable.Range(0, DemoPeople.All.Count).SelectMany(person => DemoDevices.Of(new DemoDice(DemoPeople.All[person].Email), person)).Append(DemoDevices.Stranger).Select(device => Ask(places, device.Address)).ToList();
        Assert.DoesNotContain(said, words => words is "Unknown place" or "Documentation network");
        Assert.True(said.Distinct().Count() > 15);
        Assert.True(IPAddress.TryParse(DemoDevices.Stranger.Address, out _));
        Assert.Equal("Near Halifax, Canada", Ask(places, DemoDevices.Stranger.Address));
    }
}
