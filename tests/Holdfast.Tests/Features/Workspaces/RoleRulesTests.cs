using Holdfast.Features.Workspaces;
using Xunit;

namespace Holdfast.Tests.Features.Workspaces;

public sealed class RoleRulesTests
{
    private static Role Custom(params string[] permissions) => new("0192", "Billing", Role.Sort(permissions));

    [Fact]
    public void Nobody_acts_on_a_role_above_their_own()
    {
        Assert.Null(Role.Owner.WhyNotActOn(Role.Owner));
        Assert.Null(Role.Owner.WhyNotActOn(Role.Admin));
        Assert.Null(Role.Admin.WhyNotActOn(Role.Admin));
        Assert.Null(Role.Admin.WhyNotActOn(Role.Member));
        Assert.Equal(RoleRefusals.AboveYours, Role.Admin.WhyNotActOn(Role.Owner));
        Assert.Equal(RoleRefusals.AboveYours, Custom([.. Permission.All]).WhyNotActOn(Role.Admin));
    }

    [Fact]
    public void Nobody_acts_on_somebody_who_may_do_what_they_may_not()
    {
        Assert.Equal(RoleRefusals.AboveYours, Role.Admin.WhyNotActOn(Custom(Permission.SettingsEdit)));
        Assert.Equal(RoleRefusals.AboveYours, Custom(Permission.UsersEdit).WhyNotActOn(Custom(Permission.ApiKeysManage)));
        Assert.Null(Custom(Permission.UsersEdit, Permission.ApiKeysManage).WhyNotActOn(Custom(Permission.ApiKeysManage)));
    }

    [Fact]
    public void Nobody_grants_what_they_lack_and_nobody_grants_ownership()
    {
        Assert.Equal(RoleRefusals.OwnerIsHandedOver, Role.Owner.WhyNotGrant(Role.Owner));
        Assert.Null(Role.Owner.WhyNotGrant(Role.Admin));
        Assert.Null(Role.Admin.WhyNotGrant(Role.Admin));
        Assert.Equal(RoleRefusals.AboveYours, Custom([.. Permission.All]).WhyNotGrant(Role.Admin));
        Assert.Equal(RoleRefusals.MoreThanYours, Role.Admin.WhyNotGrant(Custom(Permission.SettingsEdit)));
        Assert.Null(Custom(Permission.UsersEdit).WhyNotGrant(Role.Member));
    }

    [Fact]
    public void A_custom_role_with_power_over_others_is_asked_like_an_admin()
    {
        Assert.True(Custom(Permission.UsersEdit).IsMeantBy(["owner", "admin"]));
        Assert.False(Custom(Permission.UsersView).IsMeantBy(["owner", "admin"]));
        Assert.True(Custom(Permission.UsersView).IsMeantBy(["member"]));
        Assert.False(Role.Member.IsMeantBy(["owner", "admin"]));
    }

    [Fact]
    public void A_custom_role_cannot_pass_for_a_built_in_one()
    {
        Assert.Equal(Rank.Member, Role.Of("0192", "Owner", string.Join(' ', Permission.All)).Rank);
        Assert.Equal([Permission.UsersView], Role.Of("0192", "x", "users.view users.everything owner").Permissions);
        Assert.Empty(Role.Of("0192", null, null).Permissions);
    }

    [Theory]
    [InlineData("Finn O’Donoghue", "finn odonoghue")]
    [InlineData("  Łukasz   Żółć ", "lukasz zolc")]
    [InlineData("Straße & Söhne", "strasse sohne")]
    [InlineData("İpek Iğdır", "ipek igdir")]
    [InlineData("\uD800!!", "")]
    public void Names_sort_without_case_and_accents(string name, string key) => Assert.Equal(key, MemberWords.SortKey(name));

    [Fact]
    public void Words_come_from_names_and_address_and_are_bounded()
    {
        Assert.Equal(["kenji", "watanabe", "almondbirch", "example"], MemberWords.Of(null, "Kenji Watanabe", "kenji@almondbirch.example"));
        Assert.Equal(["watanabe", "kenji"], MemberWords.Asked("Kenji WATANABE kenji"));
        Assert.True(MemberWords.Of(string.Join(' ', Enumerable.Range(0, 100).Select(i => $"w{i}"))).Count <= MemberWords.Most);
        Assert.Empty(MemberWords.Asked(" @ . "));
    }
}
