using System.Globalization;
using System.Text.Json;
using AngleSharp.Dom;
using Holdfast.Configuration;
using Holdfast.Features.Demo;
using Holdfast.Features.Places;
using Holdfast.Hosting;
using Holdfast.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static Holdfast.Tests.Support.MmdbWriter;

namespace Holdfast.Tests.Features.Places;

/// <summary>Places as people, letters and programs get them.</summary>
public sealed class PlacesTests : IDisposable
{
    private const string Hostile = "<script>alert(1)</script>\u202e\"onload='x' =1+1";

    private readonly TemporaryFile _file = new(new MmdbWriter()
        .Add("9.9.0.0/16", City("Lyon", "FR", "France", 45.748, 4.85, 50, ("it", "Lione")))
        .Add("2a00::/16", City(null, "DE", "Germany", 51.3, 9.5, 500))
        .Add("8.8.8.0/24", Map(("country", Map(("iso_code", "US"), ("names", Map(("en", "United States")))))))
        .Add("6.6.6.0/24", City(Hostile, "FR", Hostile))
        .Add("7.7.7.0/24", City("South Pole", "AQ", "Antarctica", -89.9, 0.5)).Build());

    public void Dispose() => _file.Dispose();

    private Task<TestApp> Start(string engine) => TestApp.Start(engine, new Dictionary<string, string?> { ["GeoIp:DatabasePath"] = _file.Path, ["Proxy:Addresses"] = "127.0.0.1" });

    /// <summary>Somebody who signs in from that address.</summary>
    private static async Task<Visitor> From(TestApp app, Person person, string address)
    {
        var visitor = app.Visitor();
        visitor.ForwardedFor = address;
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        return visitor;
    }

    private static async Task<JsonElement> Here(Visitor visitor) =>
        (await visitor.Get("/api/v1/sessions")).Expect(200).Json.GetProperty("live").EnumerateArray().Single(s => s.GetProperty("current").GetBoolean());

    private static async Task<IDocument> Detail(Visitor visitor)
    {
        var page = await visitor.Open($"/account/sessions/{(await visitor.Sessions())[0]}");
        Assert.Equal(200, page.Answer.Status);
        return page.Document;
    }

    [Theory, Engines]
    public async Task Sessions_tell_their_place_in_words_and_in_numbers(string engine)
    {
        await using var app = await Start(engine);
        var person = await app.AddAccount();
        var city = await Here(await From(app, person, "9.9.1.2"));
        Assert.Equal(("Near Lyon, France", "Lyon", "France", "FR", 45.748, 4.85),
            (city.GetProperty("place").GetString(), city.GetProperty("city").GetString(), city.GetProperty("country").GetString(), city.GetProperty("countryCode").GetString(), city.GetProperty("latitude").GetDouble(), city.GetProperty("longitude").GetDouble()));
        var country = await Here(await From(app, person, "2a00::42"));
        Assert.Equal(("Germany", "DE", false, 51.3), (country.GetProperty("place").GetString(), country.GetProperty("countryCode").GetString(), country.TryGetProperty("city", out _), country.GetProperty("latitude").GetDouble()));
        Assert.False((await Here(await From(app, person, "8.8.8.8"))).TryGetProperty("latitude", out _));
        foreach (var (address, words) in new[] { ("10.1.2.3", "Private network"), ("100.64.0.1", "Carrier network"), ("169.254.1.1", "Local link"), ("203.0.113.5", "Documentation network"), ("1.1.1.1", "Unknown place"), ("::1", "This computer") })
        {
            var session = await Here(await From(app, person, address));
            Assert.Equal((words, false, false), (session.GetProperty("place").GetString(), session.TryGetProperty("country", out _), session.TryGetProperty("latitude", out _)));
        }
    }

    [Theory, Engines]
    public async Task Pages_activity_and_letters_say_where(string engine)
    {
        await using var app = await Start(engine);
        var person = await app.AddAccount();
        var visitor = await From(app, person, "9.9.1.2");
        foreach (var path in new[] { "/account/security", "/account/sessions", "/account/activity" }) Assert.Contains("Near Lyon, France", (await visitor.Open(path)).Document.Body!.TextContent, StringComparison.Ordinal);
        var entry = (await visitor.Get("/api/v1/activity")).Expect(200).Json.GetProperty("items")[0];
        Assert.Equal(("Near Lyon, France", "Lyon", "FR"), (entry.GetProperty("place").GetString(), entry.GetProperty("city").GetString(), entry.GetProperty("countryCode").GetString()));
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        Assert.Contains("Near Lyon, France (approximate)", Assert.Single(await app.Letters(person.Email)).Text, StringComparison.Ordinal);
        // A letter does not say that it does not know.
        var elsewhere = await From(app, person with { Password = TestApp.OtherPassword }, "1.1.1.1");
        (await elsewhere.ChangePassword(TestApp.OtherPassword, person.Password)).Expect(200);
        Assert.DoesNotContain("Unknown place", (await app.Letters(person.Email))[^1].Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_session_s_page_has_a_map_where_its_place_is_known_and_none_elsewhere(string engine)
    {
        await using var app = await Start(engine);
        var person = await app.AddAccount();
        var document = await Detail(await From(app, person, "9.9.1.2"));
        var svg = document.QuerySelector("figure.card .map svg")!;
        Assert.Equal(("World map with a mark: Near Lyon, France", "img"), (svg.GetAttribute("aria-label"), svg.GetAttribute("role")));
        Assert.Equal("/icons.svg#world", svg.QuerySelector("use")!.GetAttribute("href"));
        var pin = svg.QuerySelector(".map-pin")!;
        // x = longitude + 180, y = 85 - latitude
        Assert.Equal(("184.85", "39.25"), (pin.GetAttribute("cx"), pin.GetAttribute("cy")));
        Assert.Equal("Near Lyon, France. Approximate: worked out from the network address, and it can be off by 50 km or more.", document.QuerySelector("figcaption")!.TextContent);
        Assert.Empty(document.QuerySelectorAll("[style]"));
        var view = svg.GetAttribute("viewBox")!.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        Assert.True(view[0] < 184.85 && 184.85 < view[0] + view[2] && view[1] < 39.25 && 39.25 < view[1] + view[3]);
        foreach (var address in new[] { "8.8.8.8", "1.1.1.1", "10.0.0.1", "127.0.0.1", "7.7.7.7" }) Assert.Null((await Detail(await From(app, person, address))).QuerySelector(".map"));
    }

    [Fact]
    public void Every_place_that_the_drawing_has_lies_within_its_part_and_the_part_within_the_world()
    {
        for (var latitude = -57.0; latitude <= 81; latitude += 3)
        {
            for (var longitude = -180.0; longitude <= 180; longitude += 5)
            {
                var map = PlaceMap.Of(new Place(PlaceKind.Earth, "x", Latitude: latitude, Longitude: longitude, AccuracyKm: 5))!;
                Assert.True(map.X >= map.Left && map.X <= map.Left + PlaceMap.Width && map.Y >= map.Top && map.Y <= map.Top + PlaceMap.Height, $"{latitude} {longitude}");
                Assert.True(map.Left >= 0 && map.Left + PlaceMap.Width <= PlaceMap.WorldWidth && map.Top >= 0 && map.Top + PlaceMap.Height <= PlaceMap.WorldHeight);
            }
        }
        Assert.Null(PlaceMap.Of(Place.Unknown));
        Assert.Equal("60 3 240 84", PlaceMap.Of(new Place(PlaceKind.Earth, Latitude: 40, Longitude: 0))!.ViewBox);
    }

    [Theory, Engines]
    public async Task Names_out_of_the_file_are_text_and_nothing_else(string engine)
    {
        await using var app = await Start(engine);
        var person = await app.AddAccount();
        var visitor = await From(app, person, "6.6.6.6");
        const string clean = "<script>alert(1)</script>\"onload='x' =1+1";
        var document = await Detail(visitor);
        Assert.DoesNotContain(document.QuerySelectorAll("script"), script => script.TextContent.Contains("alert", StringComparison.Ordinal));
        Assert.Equal($"World map with a mark: Near {clean}", document.QuerySelector(".map svg")!.GetAttribute("aria-label"));
        foreach (var path in new[] { "/account/security", "/account/sessions", "/account/activity" })
        {
            var body = (await visitor.Get(path)).Expect(200).Body;
            Assert.DoesNotContain("<script>alert", body, StringComparison.Ordinal);
            Assert.DoesNotContain('\u202e', body);
        }
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        Assert.DoesNotContain("<script", Assert.Single(await app.Letters(person.Email)).Html, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_file_that_is_replaced_changes_what_pages_say_without_a_restart(string engine)
    {
        await using var app = await Start(engine);
        var visitor = await From(app, await app.AddAccount(), "9.9.1.2");
        Assert.Equal("Near Lyon, France", (await Here(visitor)).GetProperty("place").GetString());
        using (var next = new TemporaryFile(new MmdbWriter().Add("9.9.0.0/16", City("Turin", "IT", "Italy")).Build())) File.Copy(next.Path, _file.Path, overwrite: true);
        var watch = app.Get<WatchPlaces>();
        for (var look = 0; look < 2; look++) await watch.Look(CancellationToken.None);
        Assert.Equal("Near Turin, Italy", (await Here(visitor)).GetProperty("place").GetString());
    }

    [Fact]
    public async Task A_server_with_a_missing_file_does_not_start()
    {
        _file.Dispose();
        var error = await Assert.ThrowsAsync<SettingsException>(() => Start(TestDatabase.Sqlite));
        Assert.Equal($"GeoIp:DatabasePath: {_file.Path} is not there, or is no ordinary file.", error.Message);
    }

    [Theory, Engines]
    public async Task The_example_s_places_are_shown_at_every_start_and_give_way_to_a_real_file(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        async Task<string> Place(bool fill, string? path = null)
        {
            await using var app = await TestApp.Start(engine, path is null ? null : new Dictionary<string, string?> { ["GeoIp:DatabasePath"] = path }, database: database);
            if (fill) Assert.True((await ActivatorUtilities.CreateInstance<FillDemo>(app.Services).Run()).Ok);
            return app.Get<FindPlace>().Name("203.0.113.10", Holdfast.Texts.Text.English);
        }

        Assert.Equal("Documentation network", await Place(fill: false));
        Assert.Equal("Near Stockholm, Sweden", await Place(fill: true));
        Assert.Equal("Near Stockholm, Sweden", await Place(fill: false));
        Assert.Equal("Documentation network", await Place(fill: false, _file.Path));
    }
}
