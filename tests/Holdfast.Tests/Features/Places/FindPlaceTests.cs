using System.Globalization;
using System.Text;
using Holdfast.Features.Places;
using Holdfast.Tests.Support;
using Holdfast.Texts;
using Microsoft.Extensions.Logging;
using Xunit;
using static Holdfast.Tests.Support.MmdbWriter;

namespace Holdfast.Tests.Features.Places;

/// <summary>From an address to words: schemas of several makers, languages, hostile names, and networks that are nowhere.</summary>
public sealed class FindPlaceTests
{
    private static readonly Text Italian = new(CultureInfo.GetCultureInfo("it"));

    private static Place? Record(object record, string language = "en")
    {
        using var file = MmdbFile.Of(new MmdbWriter().Add("::/0", record).Build());
        file.TryFind(new byte[16], out var position);
        return PlaceRecord.Read(file.Record(), position, language);
    }

    private static string? Say(object record, Text? text = null) => Record(record, (text ?? Text.English).Culture.Name)?.Say(text ?? Text.English);

    [Fact]
    public void A_city_is_named_with_its_country_and_said_to_be_near()
    {
        var record = City("Lyon", "FR", "France", 45.748, 4.85, 20);
        record["subdivisions"] = new object[] { Map(("iso_code", "ARA"), ("names", Map(("en", "Auvergne-Rhône-Alpes")))), Map(("names", Map(("en", "Rhône")))) };
        Assert.Equal(new Place(PlaceKind.Earth, "Lyon", "Auvergne-Rhône-Alpes", "FR", "France", 45.748, 4.85, 20), Record(record));
        Assert.Equal("Near Lyon, France", Say(record));
        Assert.Equal("Near Lyon, France (approximate)", Record(record)!.SayInLetter(Text.English));
        Assert.Equal("France", Say(City(null, "FR", "France")));
        Assert.Equal("Near Singapore", Say(City("Singapore", "SG", "Singapore")));
        Assert.Equal("Near Lyon", Say(City("Lyon", null, null)));
    }

    [Fact]
    public void Names_come_in_the_language_of_the_page_then_in_English_then_as_they_are()
    {
        Assert.Equal("Vicino a Lione, Francia", Say(City("Lyon", "FR", "France", more: ("it", "Lione")), Italian));
        Assert.Equal("Vicino a Lyon, Francia", Say(City("Lyon", "FR", "France"), Italian));
        // The file's own name for a country goes before the system's.
        Assert.Equal("Olanda", Say(Map(("country", Map(("iso_code", "NL"), ("names", Map(("en", "Netherlands"), ("it", "Olanda")))))), Italian));
        Assert.Equal("Paesi Bassi", Say(Map(("country", Map(("iso_code", "NL"), ("names", Map(("en", "Netherlands")))))), Italian));
        Assert.Equal("Near Wien, Austria", Say(Map(("city", Map(("names", Map(("de", "Wien"), ("fr", "Vienne"))))), ("country", Map(("iso_code", "AT"))))));
        Assert.Equal("Kosovo", Say(City(null, "XK", null)));
        Assert.Equal("QQ", Say(City(null, "QQ", null)));
        Assert.Equal("Somewhere", Say(City(null, "ZZ", "Somewhere"), Italian));
    }

    [Theory]
    [InlineData("ipinfo lite", "Australia")]
    [InlineData("ipinfo country", "Australia")]
    [InlineData("ipinfo location", "Near Sydney, Australia")]
    [InlineData("list", "Near Sydney, Australia")]
    [InlineData("names only", "Near Sydney, Australia")]
    public void Files_with_plain_texts_side_by_side_are_understood(string maker, string expected)
    {
        var record = maker switch
        {
            "ipinfo lite" => Map(("asn", "AS1"), ("continent", "Oceania"), ("country", "Australia"), ("country_code", "AU")),
            "ipinfo country" => Map(("continent", "OC"), ("country", "AU"), ("country_name", "Australia")),
            "ipinfo location" => Map(("city", "Sydney"), ("country", "AU"), ("lat", "-33.86785"), ("lng", "151.20732"), ("region", "New South Wales")),
            "list" => Map(("city", "Sydney"), ("country_code", "AU"), ("latitude", -33.86785f), ("longitude", 151.20732f), ("state1", "New South Wales")),
            _ => Map(("city", "Sydney"), ("country", "Australia")),
        };
        var place = Record(record)!;
        Assert.Equal(expected, place.Say(Text.English));
        if (maker is not ("ipinfo location" or "list")) return;
        Assert.Equal(("New South Wales", "AU"), (place.Region, place.CountryCode));
        Assert.Equal((-33.86785, 151.20732), (Math.Round(place.Latitude!.Value, 5), Math.Round(place.Longitude!.Value, 5)));
    }

    [Fact]
    public void What_names_neither_city_nor_country_is_no_place()
    {
        Assert.Null(Record("text"));
        Assert.Null(Record(Map()));
        Assert.Null(Record(Map(("autonomous_system_number", 64512u), ("autonomous_system_organization", "Example"))));
        // Where a network is registered is not where it is.
        Assert.Null(Record(Map(("continent", Map(("names", Map(("en", "Europe"))))), ("registered_country", Map(("iso_code", "FR"), ("names", Map(("en", "France"))))))));
        Assert.Null(Record(Map(("city", 5u), ("country", new object[] { "FR" }))));
    }

    [Theory]
    [InlineData(90.5, 0.5, false)]
    [InlineData(-91.0, 0.5, false)]
    [InlineData(0.5, 180.5, false)]
    [InlineData(double.NaN, 0.5, false)]
    [InlineData(double.PositiveInfinity, 0.5, false)]
    [InlineData(0.0, 0.0, false)]
    [InlineData(-90.0, -180.0, true)]
    [InlineData(0.0, 4.85, true)]
    public void Coordinates_that_are_not_on_earth_are_left_out(double latitude, double longitude, bool known)
    {
        var place = Record(City("Lyon", "FR", "France", latitude, longitude))!;
        Assert.Equal((known, known, known), (place.Latitude is not null, place.Longitude is not null, place.AccuracyKm is not null));
        Assert.Equal("Near Lyon, France", place.Say(Text.English));
    }

    [Fact]
    public void Coordinates_by_halves_or_of_another_type_are_left_out()
    {
        Assert.Null(Record(Map(("city", "Lyon"), ("latitude", 45.0)))!.Latitude);
        Assert.Null(Record(Map(("city", "Lyon"), ("latitude", 45.0), ("longitude", "4.85 east")))!.Latitude);
        Assert.Null(Record(Map(("city", "Lyon"), ("latitude", 45.0), ("longitude", true)))!.Latitude);
        Assert.Equal(4, Record(Map(("city", "Lyon"), ("latitude", 45), ("longitude", (ushort)4)))!.Longitude);
        Assert.Null(Record(Map(("city", "Lyon"), ("latitude", 45.0), ("longitude", 4.0), ("accuracy_radius", -5)))!.AccuracyKm);
    }

    [Theory]
    [InlineData("  Lyon \n\t sur\r\nRhône ", "Lyon sur Rhône")]
    [InlineData("Lyon\u0000\u0007\u001b[31m", "Lyon [31m")]
    [InlineData("\u202eecnarF\u2066,\u200f noyL\ufeff", "ecnarF, noyL")]
    [InlineData("\u2028\u2029\u0085", null)]
    [InlineData("\ue000\ud83c\udfd4", "\ud83c\udfd4")]
    [InlineData("نیمروز\u200cها", "نیمروز\u200cها")]
    [InlineData("", null)]
    public void Names_are_one_line_without_anything_that_turns_or_hides_text(string name, string? clean)
    {
        Assert.Equal(clean, PlaceText.Clean(Encoding.UTF8.GetBytes(name)));
    }

    [Fact]
    public void Names_are_bounded_and_broken_UTF8_is_left_out()
    {
        Assert.Equal(new string('x', 100), PlaceText.Clean(Encoding.UTF8.GetBytes(new string('x', 100_000))));
        Assert.Equal(99, PlaceText.Clean(Encoding.UTF8.GetBytes("x" + string.Concat(Enumerable.Repeat("🏔", 100))))!.Length);
        Assert.Equal("Lyon", PlaceText.Clean([0xFF, (byte)'L', 0xC3, (byte)'y', 0xED, 0xA0, 0x80, (byte)'o', (byte)'n', 0xF0, 0x9F]));
    }

    [Theory]
    [InlineData("127.0.0.1", PlaceKind.ThisComputer)]
    [InlineData("127.255.255.254", PlaceKind.ThisComputer)]
    [InlineData("::1", PlaceKind.ThisComputer)]
    [InlineData("10.0.0.0", PlaceKind.Private)]
    [InlineData("10.255.255.255", PlaceKind.Private)]
    [InlineData("11.0.0.0", PlaceKind.Unknown)]
    [InlineData("172.15.255.255", PlaceKind.Unknown)]
    [InlineData("172.16.0.0", PlaceKind.Private)]
    [InlineData("172.31.255.255", PlaceKind.Private)]
    [InlineData("172.32.0.0", PlaceKind.Unknown)]
    [InlineData("192.168.0.1", PlaceKind.Private)]
    [InlineData("192.169.0.1", PlaceKind.Unknown)]
    [InlineData("fc00::1", PlaceKind.Private)]
    [InlineData("fdff:ffff::1", PlaceKind.Private)]
    [InlineData("169.254.10.10", PlaceKind.LinkLocal)]
    [InlineData("fe80::1", PlaceKind.LinkLocal)]
    [InlineData("fe80::1%2", PlaceKind.LinkLocal)]
    [InlineData("febf::1", PlaceKind.LinkLocal)]
    [InlineData("fec0::1", PlaceKind.Unknown)]
    [InlineData("100.63.255.255", PlaceKind.Unknown)]
    [InlineData("100.64.0.0", PlaceKind.Carrier)]
    [InlineData("100.127.255.255", PlaceKind.Carrier)]
    [InlineData("100.128.0.0", PlaceKind.Unknown)]
    [InlineData("192.0.2.1", PlaceKind.Documentation)]
    [InlineData("198.51.100.255", PlaceKind.Documentation)]
    [InlineData("203.0.113.0", PlaceKind.Documentation)]
    [InlineData("2001:db8:ffff::", PlaceKind.Documentation)]
    [InlineData("3fff:fff::1", PlaceKind.Documentation)]
    [InlineData("3fff:1000::1", PlaceKind.Unknown)]
    [InlineData("::ffff:10.0.0.1", PlaceKind.Private)]
    [InlineData("2002:c0a8:0101::1", PlaceKind.Private)]
    [InlineData("2001:0:4136:e378:8000:63bf:3f57:fefe", PlaceKind.Private)]
    [InlineData("2001:0:a00:1:8000:63bf:f6f6:f6f6", PlaceKind.Unknown)]
    [InlineData("2001:0:4136:e378:8000:63bf:f5ff:fffe", PlaceKind.Private)]
    [InlineData("9.9.9.9", PlaceKind.Unknown)]
    [InlineData("2a00::1", PlaceKind.Unknown)]
    [InlineData("::", PlaceKind.Unknown)]
    [InlineData("", PlaceKind.Unknown)]
    [InlineData("no address", PlaceKind.Unknown)]
    public void Without_a_file_networks_of_a_known_kind_are_named_as_such(string address, PlaceKind kind)
    {
        using var none = new PlaceFile(null, Path.GetTempPath());
        Assert.Equal(new Place(kind), new FindPlace(none, Logger).Of(address, Text.English));
    }

    [Fact]
    public void Every_kind_has_its_words()
    {
        Assert.Equal(["Unknown place", "This computer", "Private network", "Local link", "Carrier network", "Documentation network"],
            Enum.GetValues<PlaceKind>().Where(kind => kind != PlaceKind.Earth).Select(kind => new Place(kind).Say(Text.English)));
        Assert.Null(Place.Unknown.SayInLetter(Text.English));
        Assert.Equal("Private network", new Place(PlaceKind.Private).SayInLetter(Text.English));
    }

    [Fact]
    public void The_file_goes_before_the_kinds_and_addresses_that_stand_for_IPv4_are_looked_up_as_such()
    {
        using var places = new PlaceFile(null, Path.GetTempPath());
        places.Show(MmdbFile.Of(new MmdbWriter().Add("10.1.0.0/16", City("Turin", "IT", "Italy")).Add("192.0.2.45/32", City("Lyon", "FR", "France")).Build()));
        var find = new FindPlace(places, Logger);
        Assert.Equal(["Near Turin, Italy", "Private network", "Near Lyon, France", "Near Lyon, France", "Near Lyon, France", "Near Lyon, France", "Documentation network"],
            new[] { "10.1.2.3", "10.2.2.3", "192.0.2.45", "::ffff:192.0.2.45", "2002:c000:22d::7", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.46" }.Select(address => find.Name(address, Text.English)));
    }

    [Fact]
    public void A_record_that_is_broken_leaves_its_place_unknown_and_one_line_in_the_log()
    {
        using var logs = new LogCapture();
        using var places = new PlaceFile(null, Path.GetTempPath());
        places.Show(MmdbFile.Of(new MmdbWriter().Add("1.0.0.0/8", Map(("city", "Lyon"), ("country", new MmdbRaw(0x38, 0xFF, 0xFF, 0xFF, 0xFF)))).Add("2.0.0.0/8", City("Milan", "IT", "Italy")).Build()));
        var find = new FindPlace(places, new LoggerFactory([logs]).CreateLogger<FindPlace>());
        for (var again = 0; again < 5; again++) Assert.Equal(["Unknown place", "Near Milan, Italy"], new[] { "1.2.3.4", "2.2.3.4" }.Select(address => find.Name(address, Text.English)));
        Assert.Contains("has a pointer that leads out of its data. Some places stay unknown", Assert.Single(logs.Lines), StringComparison.Ordinal);
    }

    private static readonly ILogger<FindPlace> Logger = Microsoft.Extensions.Logging.Abstractions.NullLogger<FindPlace>.Instance;
}
