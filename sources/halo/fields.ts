/**
 * The fields of a Halo end user that a mapping can name, from the schemas `Users_List` and `Users` of Halo's OpenAPI file.
 * Only single values: arrays and objects (addresses, assets, roles) are not fields of a record. Custom fields are `custom.CFName`.
 *
 * `name` is text, `name:type` something else. `site_id` is a double in the contract and comes as `18.0`, but is an id. The job title is
 * `title` (lists have no `jobtitle`); Halo's importers write the mobile number into `mobilenumber2`; the Entra object id is `azureoid` in
 * details and, recorded of 2.236.133, in lists, where contracts up to 2025 have `azure_id`: each is read where the other is named.
 */

/** `integer` also for ids; of `date` 1899 and 1900 mean "none". */
export type FieldType = "text" | "integer" | "decimal" | "flag" | "date";

/** Carried by list rows: free, 100 people a call. `use`, `colour` and the like are Halo's own, computed. */
const listed = `
id:integer name site_id:integer site_id_int:integer site_name client_name firstname surname initials title emailaddress
phonenumber_preferred sitephonenumber phonenumber homenumber mobilenumber mobilenumber2 fax telpref:integer activedirectory_dn
onpremise_activedirectory_dn container_dn login inactive:flag colour isimportantcontact:flag other1 other2 other3 other4 other5 notes
neversendemails:flag default_currency_code:integer site_guid area_guid site_cautomate_guid priority_id:integer linked_agent_id:integer
covered_by_contract:flag contract_value:decimal software_role_name relationship_id:integer uddevsite:integer uddevnum:integer
uduserid:integer userdevicerolecount:integer site_hubspot_guid isserviceaccount:flag ignoreautomatedbilling:flag isimportantcontact2:flag
connectwiseid:integer autotaskid:integer messagegroup_id:integer role_list sitetimezone client_account_manager_id:integer use
client_id:integer item_tax_code:integer automatic_sales_tax:flag client_taxable:flag overridepdftemplatequote:integer
overridepdftemplatequote_name contract_end_date:date okta_id azure_id azureoid user_with_clientsite client_automatic_callscript_id:integer
`;

/** Carried by `GET /Users/{id}?includedetails=true` alone: **one call a person**. Passwords and commands (`_…`) are left out. */
const detailed = `
is_comms_user:flag ischangeapprover2:flag datecreated:date inv1:integer inv2:integer inv3:integer inv4:integer slaid:integer
dontackemails:flag web_access_level:integer showmeonly:integer showrecentonly:integer inform:flag inv1site:integer inv2site:integer
inv3site:integer inv4site:integer inv5:integer inv6:integer inv7:integer inv8:integer inv9:integer inv10:integer inv5site:integer
inv6site:integer inv7site:integer inv8site:integer inv9site:integer inv10site:integer informaction:flag informclearance:flag inv11:integer
inv12:integer inv13:integer inv14:integer inv15:integer inv16:integer inv17:integer inv18:integer inv19:integer inv20:integer
inv21:integer inv22:integer inv23:integer inv24:integer inv25:integer inv11site:integer inv12site:integer inv13site:integer
inv14site:integer inv15site:integer inv16site:integer inv17site:integer inv18site:integer inv19site:integer inv20site:integer
inv21site:integer inv22site:integer inv23site:integer inv24site:integer inv25site:integer showslatimes:flag canadd:flag
allowviewsitedocs:flag third_party_guid third_party_sql ischangeapprover:flag cancreateuser:flag department isheadofdept:flag
deputysite:integer deputyusername cat2 lastlogindate:date email2 email3 iscontractcontact:flag informnewarea:flag informactionarea:flag
informclearancearea:flag disclaimermatchstring viewallcleared:flag isexternal:flag question1:integer question2:integer question3:integer
question4:integer question5:integer dontaddtomailinglist:flag caneditwebdetails:flag cataloglevel:integer canaccesscatalog:flag
hasbeentrained:flag admanager canviewcontracts:flag ispoapprover:flag encmethod:integer adconnection:integer useadlogin:integer
sendwelcomeemail:flag welcomeemail_template_id:integer ismaincontact:flag organisation_id:integer open_ticket_count:integer
onhold_ticket_count:integer total_ticket_count:integer opened_thismonth_count:integer memberof supplier_name app_colour
emailconfirmed:flag agent_app_url imagedata webannouncement cautomateid:integer azure_connectionid:integer jira_id zapier_client_name
delegation_activated:flag delegation_timebased:flag delegation_start:date delegation_end:date delegation_user_id:integer
delegation_user_name googleworkplace_id isnhserveremaildefault:flag matchprimaryemail:flag servicenow_id servicenow_username
site_servicenow_id sgatewayid canaccessinvoices:flag samaccountname oktaid okta_status authenticatorapp_configured:flag ulastupdate:date
oppcompanyname oppcontactname oppemailaddress locked:flag site_guid2 allowviewclientdocs:flag azure_tenant_id azure_last_login_date:date
linked_user_id:integer linked_user_name hubspot_id hubspot_url hubspot_dont_sync:flag hubspot_archived:flag passportal_id:integer
passportal_client_id:integer opportunity_id:integer isuserdetails:flag hudu_url sqlimport_id:integer unsubscribed:flag canviewopps:flag
azure_tenant_domain servicenow_companyid salesforce_dontsync:flag new_site_name azure_roleid:integer facebook_id:integer facebook_username
twitter_id:integer twitter_username device_access_level:integer manager_email dontackemails2:flag instagram_id:integer instagram_username
jira_instance:integer jira_instance_name third_party_id no_manager_roleid:integer matching_value theme lang
service_account_overridden:flag
`;

/** One thing under two names. */
export const TWINS: { readonly [field: string]: string } = { azureoid: "azure_id", azure_id: "azureoid" };

const types = new Map<string, FieldType>();

function fieldsIn(table: string): readonly string[] {
  return table
    .trim()
    .split(/\s+/u)
    .map((word) => {
      const [name = word, type = "text"] = word.split(":");
      types.set(name, type as FieldType);
      return name;
    });
}

export const LIST_FIELDS = fieldsIn(listed);
export const DETAIL_FIELDS = fieldsIn(detailed);

/** What a field holds; text where it is none of these. */
export const typeOf = (field: string): FieldType => types.get(field) ?? "text";
